"""The command on whole programs: the line that one would bet on for broken ones, silence for healthy ones."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Protocol

import pytest

from gradtui.cli import main

PROGRAMS = Path(__file__).parent / "programs"
BROKEN = sorted(path.parent for path in PROGRAMS.glob("broken/*/truth.json"))
HEALTHY = sorted(path.parent for path in PROGRAMS.glob("healthy/*/truth.json"))

Findings = list[dict[str, Any]]


class Check(Protocol):
    def __call__(self, folder: Path, python: Path | None = None) -> tuple[int, Findings]:
        """The exit status and what was found."""


@pytest.fixture
def checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], warm: Path
) -> Check:
    """Gives the exit status and the findings of `gradtui --check` to the end of a copy of a program.

    The program runs in a child as ever; only the command itself isn't started anew for each of them, and the
    child has imported torch already.
    """

    def check(folder: Path, python: Path | None = None) -> tuple[int, Findings]:
        work, report = tmp_path / folder.name, tmp_path / "report.json"
        leave_out = shutil.ignore_patterns("truth.json", "__pycache__")
        shutil.copytree(folder, work, ignore=leave_out, dirs_exist_ok=True)
        monkeypatch.chdir(work)
        options = ["--check", "--steps", "0", "--json", str(report), "--python", str(python or warm)]
        status = main([*options, "script.py"])
        said = capfd.readouterr().err
        assert report.exists(), said
        assert "fault of gradtui's" not in said
        return status, json.loads(report.read_text())["findings"]

    return check


def loud(findings: Findings) -> Findings:
    return [finding for finding in findings if finding["severity"] != "note"]


def accepted(truth: dict[str, Any]) -> set[tuple[str, int]]:
    """Files and lines at which the cause may be named."""
    places = {(Path(truth["file"]).name, line) for line in truth["lines"]}
    for file, lines in truth.get("also_lines", {}).items():
        places |= {(Path(file).name, line) for line in lines}
    return places


def exit_status(findings: Findings) -> int:
    return int(any(finding["severity"] == "error" for finding in findings))


@pytest.mark.parametrize("folder", BROKEN, ids=lambda path: path.name)
def test_the_cause_of_a_broken_program_is_its_first_finding(folder: Path, checked: Check) -> None:
    truth = json.loads((folder / "truth.json").read_text())
    status, findings = checked(folder)
    first = loud(findings)[0] if loud(findings) else None

    assert first is not None
    assert (Path(first["file"]).name, first["line"]) in accepted(truth), first["message"]
    assert first["rule"] == truth["category"]
    assert status == exit_status(findings)


@pytest.mark.parametrize("folder", [BROKEN[0], HEALTHY[0]], ids=lambda path: path.name)
def test_a_program_is_the_same_where_torch_was_there_before(folder: Path, checked: Check) -> None:
    assert checked(folder) == checked(folder, Path(sys.executable))


@pytest.mark.parametrize("folder", HEALTHY, ids=lambda path: path.name)
def test_a_healthy_program_stays_quiet(folder: Path, checked: Check) -> None:
    status, findings = checked(folder)

    assert [(one["rule"], one["file"], one["line"], one["message"]) for one in loud(findings)] == []
    assert status == 0
