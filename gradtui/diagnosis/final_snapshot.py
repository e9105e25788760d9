"""Which of a run's snapshots is shown when all is over, and none was held for anybody to look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from gradtui.model.findings import Finding
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import BACKWARDS, Stop, StopKind


def telling(snapshots: Sequence[Snapshot], findings: Sequence[Finding]) -> int:
    """The index of the snapshot that tells most: of the exception, or of the graph that the first loud
    finding is about, or of the first graph there is; of the last where there is none."""
    first = next((finding for finding in findings if finding.loud), None)
    for fits in _wishes(first):
        for index, snapshot in enumerate(snapshots):
            if fits(snapshot):
                return index
    return len(snapshots) - 1


def _wishes(first: Finding | None) -> Iterator[Callable[[Snapshot], bool]]:
    """Which snapshot is wanted, and what instead where there is none such."""
    yield lambda snapshot: snapshot.stop.kind is StopKind.EXCEPTION
    if first is not None:
        stop = first.stop
        yield lambda snapshot: _at_backward(snapshot) and snapshot.stop.index == stop
        yield lambda snapshot: snapshot.graph is not None and _last_backward(snapshot) == stop
        yield lambda snapshot: _at_backward(snapshot) and _knows(snapshot, first)
        yield lambda snapshot: snapshot.graph is not None and _knows(snapshot, first)
    yield _at_backward
    yield lambda snapshot: snapshot.graph is not None


def _at_backward(snapshot: Snapshot) -> bool:
    return snapshot.graph is not None and snapshot.stop.kind in BACKWARDS


def _last_backward(snapshot: Snapshot) -> int:
    backwards = (stop.index for stop in snapshot.stops if stop.kind is StopKind.BACKWARD)
    return max(backwards, default=0)


def _knows(snapshot: Snapshot, finding: Finding) -> bool:
    """Whether its calls stand on the line of a finding."""
    return any((site.file, site.line) == (finding.file, finding.line) for site in snapshot.trace.sites)


def snapshot_of(stop: Stop, snapshots: Sequence[Snapshot]) -> int | None:
    """The index of the snapshot that was taken at a stop, None where none was kept."""
    wanted = (stop.kind, stop.index)
    found = (index for index, item in enumerate(snapshots) if (item.stop.kind, item.stop.index) == wanted)
    return next(found, None)
