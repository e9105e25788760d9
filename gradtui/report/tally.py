"""How many gradients were judged in a run and how they stood, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from gradtui.model.owners import GradState
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import StopKind
from gradtui.report.headline import counted


@dataclass(frozen=True, slots=True)
class Tally:
    """How many gradients were judged, and how they stood."""

    optimizers: int = 0
    """How many of them stepped."""
    steps: int = 0
    """Over all optimizers."""
    parameters: int = 0
    """Held by the optimizers that stepped; without an optimizer, leaves that require grad."""
    reached: int = 0
    """How many of them had a live gradient at one of the steps."""
    broken: int = 0
    """How many of the others had one that was NaN or infinite."""

    @property
    def judged(self) -> bool:
        """Whether gradients of any parameter could be judged at all."""
        return self.parameters > 0


class Tallying:
    """Counts as a run goes on, so that what was counted needn't be kept."""

    def __init__(self) -> None:
        self._count = 0
        """Steps that were told one by one."""
        self._optimizers: set[int] = set()
        self._tensors: set[int] = set()
        self._reached: set[int] = set()
        self._broken: set[int] = set()
        self._raised: set[int] = set()
        """Backwards that an exception ended."""
        self._last: Snapshot | None = None

    def add(self, snapshot: Snapshot) -> None:
        self._last = snapshot
        if snapshot.raised is not None and snapshot.raised.in_backward:
            backwards = [stop.index for stop in snapshot.stops if stop.kind is StopKind.BACKWARD]
            self._raised.update(backwards[-1:])
        for judgement in snapshot.judgements:
            self._count += 1
            self._optimizers.add(judgement.optimizer)
            for tensor, state in judgement.states.items():
                self._tensors.add(tensor)
                if state is GradState.PRESENT:
                    self._reached.add(tensor)
                elif state is GradState.NONFINITE:
                    self._broken.add(tensor)

    @property
    def tally(self) -> Tally:
        """As of the last snapshot; without a step that was judged, as if it were the run's last."""
        if self._last is None:
            return Tally()
        if not self._count:
            return _at_the_end(self._last, self._raised)
        return Tally(
            optimizers=len(self._optimizers),
            # Steps that are like the one before are judged too, but not told one by one.
            steps=max(self._count, sum(optimizer.steps for optimizer in self._last.optimizers)),
            parameters=len(self._tensors),
            reached=len(self._reached),
            broken=len(self._broken - self._reached),
        )


def tally_of(snapshots: Sequence[Snapshot]) -> Tally:
    tallying = Tallying()
    for snapshot in snapshots:
        tallying.add(snapshot)
    return tallying.tally


def _at_the_end(last: Snapshot, raised: Collection[int]) -> Tally:
    """Without an optimizer: leaves that require grad, once the program has called backward.

    At its end they may be gone, or their gradients cleared: then what its backwards reached counts, but for
    those that `raised` on the way.
    """
    backwards = [stop for stop in last.stops if stop.kind is StopKind.BACKWARD]
    if not backwards:
        return Tally()
    leaves = [item for item in last.parameters if item.requires_grad and item.is_leaf]
    there = sum(item.grad is GradState.PRESENT for item in leaves)
    reached = max((stop.reached for stop in backwards if stop.index not in raised), default=0)
    if not leaves:
        return Tally(parameters=max(stop.total for stop in backwards), reached=reached)
    return Tally(parameters=len(leaves), reached=max(there, min(reached, len(leaves))))


def verdict(tally: Tally, muted: int, *, over: bool = True, ahead: bool = False) -> str:
    """What was judged, and that it is well: said where there is neither an error nor a warning.

    `muted` errors and warnings there are, which nobody wants to hear of. Unless it is `over`, what got no
    gradient yet may be a fault that shows only after more steps. Where the program is `ahead` of what it has
    told, its steps are judged all the same, and only their number isn't known.
    """
    return f"{_verdict(tally, muted, over, ahead)}{left_out(muted)}"


def is_well(tally: Tally, muted: int, *, over: bool = True) -> bool:
    """Whether that verdict is a good one."""
    enough = tally.reached > 0 if over else tally.steps > 0 and tally.reached == tally.parameters
    return enough and not muted


def left_out(muted: int) -> str:
    """How many errors and warnings aren't shown, as they are muted; empty where none is."""
    return f" {counted(muted, 'finding')} muted." if muted else ""


def _verdict(tally: Tally, muted: int, over: bool, ahead: bool) -> str:
    parameters = counted(tally.parameters, "parameter")
    if tally.steps:
        steps = "each step" if ahead else counted(tally.steps, "step")
        parameters += f" in {counted(tally.optimizers, 'optimizer')}, {steps} judged"
    if tally.reached == tally.parameters:
        return f"{parameters}: every one got a gradient."
    if not over:
        return f"{parameters}: {tally.reached or 'none'} got a gradient so far."
    if not tally.reached:
        return (
            f"{parameters}: none got a gradient that isn't zero, and no fault was seen that would explain it."
        )
    if muted:
        return f"{parameters}: {tally.reached} got a gradient."
    return f"{parameters}: {tally.reached} got a gradient, and nothing points to a fault."
