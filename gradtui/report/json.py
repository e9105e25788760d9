"""The report as JSON, for scripts and other tools. Its version rises when a field changes its meaning."""

from __future__ import annotations

import json
from typing import Any, TextIO

from gradtui.model.findings import Evidence, Finding
from gradtui.report.summary import PlacedStop, Summary

VERSION = 1

Json = dict[str, Any]


def write_json(summary: Summary, stream: TextIO) -> None:
    """Write the report as one JSON object, ASCII only, with a line end."""
    json.dump(as_json(summary), stream, indent=1, allow_nan=False)
    stream.write("\n")


def as_json(summary: Summary) -> Json:
    return {
        "version": VERSION,
        "script": summary.script,
        "torch": summary.torch,
        "outcome": _outcome(summary),
        "stops": [_stop(stop, summary) for stop in summary.stops],
        "findings": [_finding(finding, summary) for finding in summary.findings],
    }


def _outcome(summary: Summary) -> Json:
    fault = summary.fault
    exception = fault and {
        "type": fault.type,
        "message": fault.message,
        "file": summary.shown(fault.file),
        "line": fault.line,
    }
    return {"status": summary.outcome.status, "exception": exception}


def _stop(placed: PlacedStop, summary: Summary) -> Json:
    stop = placed.stop
    return {
        "index": stop.index,
        "kind": str(stop.kind),
        "file": summary.shown(placed.file),
        "line": placed.line,
        "nodes": stop.nodes,
        "parameters": {"total": stop.total, "reached": stop.reached, "cut": stop.cut},
    }


def _finding(finding: Finding, summary: Summary) -> Json:
    return {
        "rule": str(finding.rule),
        "severity": str(finding.severity),
        "file": summary.shown(finding.file),
        "line": finding.line,
        "column": finding.column,
        "end_line": finding.end_line,
        "end_column": finding.end_column,
        "message": finding.message,
        "fix": finding.fix,
        "confidence": str(finding.confidence),
        "affected": list(finding.affected),
        "count": finding.count,
        "evidence": [_evidence(step, summary) for step in finding.evidence],
        "stop": finding.stop,
    }


def _evidence(step: Evidence, summary: Summary) -> Json:
    return {"file": summary.shown(step.file), "line": step.line, "what": step.what}
