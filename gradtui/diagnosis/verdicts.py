"""The findings of the run before against those of this one: what is gone, what is new, what isn't judged yet.

That a finding isn't there says nothing before this run has been judged as far as that one had been when it
was told: a gradient that turns to NaN shows once backward has been there, and not while it is still ahead.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from gradtui.model.columns import NONE
from gradtui.model.findings import Finding


class Phase(IntEnum):
    """How far a run has come at a stop, in the order of time."""

    HELD = 0
    WITHIN = 1
    """In its backward, which is gone through node by node: only there its gradients are looked at."""
    PAST = 2
    """It has gone on."""


@dataclass(frozen=True, slots=True, order=True)
class Reach:
    """How far a run has been judged; what is further compares as greater."""

    ended: bool = False
    """To the program's end, which it reached by itself."""
    stops: int = 0
    """Backwards and exceptions that it has come to."""
    phase: Phase = Phase.HELD
    stop: str = field(default="", compare=False)
    """The last of the stops in words: `backward 1`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding of the run before."""

    finding: Finding
    line: int
    """Where its line is now, 0 where it was taken out."""
    told: Reach = Reach()
    """How far that run had been judged when it was told."""


@dataclass(frozen=True, slots=True)
class Judged:
    """How far this run has been judged."""

    reach: Reach = Reach()
    watched: int = 0
    """The last backward that was gone through to its end, as `Reach.stops`; 0 for none."""
    by_value: bool = False
    """Whether what optimizers step by is looked at unasked, so that the end tells of gradients too."""
    known: bool = True
    """Whether anybody has looked for findings."""

    def covers(self, told: Reach) -> bool:
        """Whether what was told there would have been told here by now."""
        if not self.known:
            return False
        if told.phase is Phase.WITHIN and not told.ended:
            return self.watched >= told.stops or (self.reach.ended and self.by_value)
        return self.reach >= told


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What has come of the loud findings of the run before."""

    again: tuple[Found, ...] = ()
    gone: tuple[Found, ...] = ()
    moved: tuple[tuple[Found, Finding], ...] = ()
    """Those that are told of another line now, with what is told there: of the same parameters the same."""
    pending: tuple[Found, ...] = ()
    """Those that this run hasn't been judged far enough to tell of."""
    fresh: tuple[Finding, ...] = ()
    """Loud ones that the run before didn't have."""


def compared(before: Sequence[Found], after: Sequence[Finding], judged: Judged) -> Verdicts:
    loud = [item for item in before if item.finding.loud]
    missing = [item for item in loud if same(item, after) == NONE]
    known = {same(item, after) for item in before}
    fresh = [item for number, item in enumerate(after) if item.loud and number not in known]
    moved = tuple(_elsewhere(missing, fresh))
    missing = [item for item in missing if all(item is not before for before, _ in moved)]
    return Verdicts(
        tuple(item for item in loud if same(item, after) != NONE),
        tuple(item for item in missing if judged.covers(item.told)),
        moved,
        tuple(item for item in missing if not judged.covers(item.told)),
        tuple(item for item in fresh if all(item is not now for _, now in moved)),
    )


def _elsewhere(missing: Sequence[Found], fresh: Sequence[Finding]) -> Iterator[tuple[Found, Finding]]:
    """Findings with what a fresh one tells by the same rule of something that they are about too."""
    left = list(fresh)
    for before in missing:
        about = set(before.finding.affected)
        now = next(
            (one for one in left if one.rule is before.finding.rule and not about.isdisjoint(one.affected)),
            None,
        )
        if now is not None:
            left.remove(now)
            yield before, now


def same(before: Found, others: Sequence[Finding]) -> int:
    """Which of these is the finding again, NONE where none is."""
    place = (before.finding.rule, before.finding.file, before.line)
    for index, other in enumerate(others):
        if (other.rule, other.file, other.line) == place:
            return index
    return NONE


def at_first(verdicts: Verdicts, *, to_the_end: bool) -> str:
    """What is said at the first stop of a run."""
    gone = [item.finding for item in verdicts.gone]
    said = [_moved(before.finding, now) for before, now in verdicts.moved]
    said += [
        f"{_list(items)} {'is' if len(items) == 1 else 'are'} {what}"
        for items, what in ((gone, "gone"), (verdicts.fresh, "new"))
        if items
    ]
    if verdicts.pending:
        said.append(f"not judged yet: {waiting(verdicts.pending)}")
    if said:
        return ", ".join(said)
    return "the same is found as before" if verdicts.again else f"nothing wrong is found{_so_far(to_the_end)}"


def since_then(before: Sequence[Found], verdicts: Verdicts, *, over: bool) -> str:
    """What is said of those that weren't judged before and are now; `over` where nothing will be any more."""
    gone = [item.finding for item in verdicts.gone if item in before]
    again = [item.finding for item in verdicts.again if item in before]
    said = [_moved(item.finding, now) for item, now in verdicts.moved if item in before]
    said += [
        f"{_list(items)} {'is' if len(items) == 1 else 'are'} {what}"
        for items, what in ((again, "found again"), (gone, "gone"))
        if items
    ]
    if over and verdicts.pending:
        said.append(f"it ended before it could be judged whether {_list(_of(verdicts.pending))} is gone")
    return ", ".join(said)


def waiting(pending: Sequence[Found]) -> str:
    """Findings that may still come, and when the first of them came in the run before."""
    told = pending[0].told
    where = {Phase.HELD: "at", Phase.WITHIN: "in", Phase.PAST: "after"}[told.phase]
    when = "at the program's end" if told.ended else f"{where} {told.stop}"
    return f"{_list(_of(pending))} (found {when})"


def _of(found: Sequence[Found]) -> list[Finding]:
    return [item.finding for item in found]


def _so_far(to_the_end: bool) -> str:
    return "" if to_the_end else " so far"


def _moved(before: Finding, now: Finding) -> str:
    return f"{before.rule} at {before.place} is now found at {now.place}"


def _list(findings: Sequence[Finding]) -> str:
    first = findings[0]
    more = f" and {len(findings) - 1} more" if len(findings) > 1 else ""
    return f"{first.rule} at {first.place}{more}"
