"""What every report tells of a run, gathered from its snapshots: values only, in no particular wording."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Severity
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site
from gradtui.model.stops import Outcome, Raised, Stop
from gradtui.model.unseen import Unseen
from gradtui.report.places import relative
from gradtui.report.tally import Tally, tally_of


@dataclass(frozen=True, slots=True)
class PlacedStop:
    """A stop with its place, which alone it only has as a number."""

    stop: Stop
    file: str
    """Absolute; empty at the end of the script."""
    line: int


@dataclass(frozen=True, slots=True)
class Fault:
    """The exception that ended the program, with its place."""

    type: str
    message: str
    file: str
    """Absolute; empty where the exception came from no file."""
    line: int


@dataclass(frozen=True, slots=True)
class Summary:
    script: str
    """As it was typed, with its `-m` or `-c`."""
    folder: str
    """The working folder, absolute."""
    torch: str
    """Its version; empty where it was never imported."""
    outcome: Outcome
    fault: Fault | None
    findings: tuple[Finding, ...]
    """Worst and likeliest first."""
    stops: tuple[PlacedStop, ...]
    """Backwards, grads and exceptions."""
    tally: Tally
    sources: Mapping[str, str]
    """Texts of the user's files by absolute path."""
    unseen: tuple[Unseen, ...] = ()
    """What could not be watched."""
    muted: int = 0
    """How many errors and warnings are left out of `findings`, as somebody wants."""

    @property
    def loud(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.loud]

    @property
    def notes(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.loud]

    @property
    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def warnings(self) -> int:
        return sum(finding.severity is Severity.WARNING for finding in self.findings)

    @property
    def died(self) -> bool:
        """Whether the program ended in another way than it should have."""
        return self.outcome.status != 0 or self.fault is not None

    def shown(self, file: str) -> str:
        """A path as a person would give it: relative to the working folder where it lies below it."""
        return relative(file, self.folder)


def summarize(
    snapshots: Sequence[Snapshot],
    findings: Iterable[Finding],
    outcome: Outcome,
    *,
    script: str,
    folder: str,
    torch: str,
    muted: int = 0,
) -> Summary:
    """Gather what a report needs; it holds none of the snapshots afterwards."""
    return Summary(
        script=script,
        folder=snapshots[-1].folder if snapshots else folder,
        torch=torch,
        outcome=outcome,
        fault=_fault(snapshots, outcome),
        findings=tuple(findings),
        stops=_stops(snapshots),
        tally=tally_of(snapshots),
        sources={source.path: source.text for snapshot in snapshots for source in snapshot.sources},
        unseen=tuple(dict.fromkeys(one for snapshot in snapshots for one in snapshot.unseen)),
        muted=muted,
    )


def _stops(snapshots: Sequence[Snapshot]) -> tuple[PlacedStop, ...]:
    """The stops of the last snapshot that lists any: each lists all that came before it."""
    for snapshot in reversed(snapshots):
        if snapshot.stops:
            return tuple(_placed(stop, snapshot.trace.sites) for stop in snapshot.stops)
    return ()


def _placed(stop: Stop, sites: Sequence[Site]) -> PlacedStop:
    if stop.site == NONE:
        return PlacedStop(stop, "", 0)
    return PlacedStop(stop, sites[stop.site].file, sites[stop.site].line)


def _fault(snapshots: Sequence[Snapshot], outcome: Outcome) -> Fault | None:
    """The exception that ended the program; its place from the snapshot that was taken at it."""
    raised = outcome.raised
    if raised is None:
        return None
    for snapshot in reversed(snapshots):
        if snapshot.raised is not None and snapshot.raised.type == raised.type:
            return _placed_fault(snapshot.raised, snapshot.trace.sites)
    return Fault(raised.type, raised.message, "", 0)


def _placed_fault(raised: Raised, sites: Sequence[Site]) -> Fault:
    """At the innermost line of the user's own code, or the innermost at all."""
    stack = [sites[index] for index in raised.stack]
    site = next((site for site in stack if site.user), stack[0] if stack else None)
    if site is None:
        return Fault(raised.type, raised.message, "", 0)
    return Fault(raised.type, raised.message, site.file, site.line)
