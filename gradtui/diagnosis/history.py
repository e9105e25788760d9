"""How gradients stood over the whole run: which parameters never learnt, from which step on, and what was
tried."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from gradtui.diagnosis.following import followers
from gradtui.diagnosis.scene import Scene
from gradtui.model.owners import LIVE, GradState, Judgement
from gradtui.model.stops import StopKind
from gradtui.model.trace import Kind

LONG = 3
"""A parameter that was trained once counts as lost after at least so many steps without a gradient: after one
or two it may be one that every other step trains; with many more, what stops towards the end is told to
nobody."""
LONGER = 2
"""So many times as long as every gap before the last one has to be: at once, an irregular schedule would be
taken for a fault; at many times, one that had paused once would never count as lost."""


@dataclass(frozen=True, slots=True)
class Lost:
    """A parameter that an optimizer holds and that gets no gradient."""

    tensor: int
    optimizer: int
    state: GradState
    """NONE, or ZERO where it was never anything else but NONE."""
    steps: int
    """Judged steps without a gradient."""
    first: int
    """Order of the first of them."""
    stop: int
    late: bool = False
    """Whether it did get gradients before these steps."""
    ahead: bool = False
    """Whether the step is still to come, before which another backward may reach it."""


@dataclass(frozen=True, slots=True)
class Window:
    """One step of an optimizer that a scene shows, and what ran since the step before."""

    optimizer: int
    step: int
    """The call of STEP; the end of the trace for a step that is still to come."""
    backwards: tuple[int, ...]
    """Calls of BACKWARD since the gradients were last cleared."""
    earlier: tuple[int, ...]
    """Calls of BACKWARD since the last step whose gradients were cleared before this one."""
    clear: int
    """The last call that cleared gradients of this optimizer before the step; -1 where none was seen."""
    order: int


class History:
    """All judgements of a run, by parameter."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.scenes = scenes

    @cached_property
    def judgements(self) -> list[Judgement]:
        """All judgements of the run in order, each once."""
        found = {
            (judgement.optimizer, judgement.step): judgement
            for scene in self.scenes
            for judgement in scene.snapshot.judgements
        }
        return sorted(found.values(), key=lambda judgement: (judgement.order, judgement.optimizer))

    @cached_property
    def ended(self) -> bool:
        """Whether the program came to its end: nothing that is missing can come any more."""
        return bool(self.scenes) and self.scenes[-1].snapshot.stop.kind in (StopKind.END, StopKind.EXCEPTION)

    @property
    def goes_on(self) -> bool:
        """Whether there is more of the program: it stands somewhere, or was ended at a step."""
        stop = self.scenes[-1].snapshot.stop
        return not self.ended or (stop.kind is StopKind.END and bool(stop.stack))

    @cached_property
    def states(self) -> dict[int, list[tuple[GradState, Judgement]]]:
        found: dict[int, list[tuple[GradState, Judgement]]] = {}
        for judgement in self.judgements:
            for tensor, state in judgement.states.items():
                found.setdefault(tensor, []).append((state, judgement))
        return found

    @cached_property
    def broken(self) -> dict[int, int]:
        """Tensors whose gradient was no number at a step, each with the first backward before such a step."""
        found: dict[int, int] = {}
        for tensor, states in self.states.items():
            for state, judgement in states:
                if state is GradState.NONFINITE:
                    found.setdefault(tensor, judgement.stop)
        return found

    @cached_property
    def learning(self) -> frozenset[int]:
        """Tensors that had a live gradient at some step."""
        return frozenset(t for t, states in self.states.items() if any(state in LIVE for state, _ in states))

    @cached_property
    def barren(self) -> dict[int, list[Judgement]]:
        """Optimizers at none of whose steps anything that they hold had a live gradient, and that have made
        several: what they hold may still learn by others."""
        found: dict[int, list[Judgement]] = {}
        for judgement in self.judgements:
            found.setdefault(judgement.optimizer, []).append(judgement)
        return {
            optimizer: steps
            for optimizer, steps in found.items()
            if len(steps) >= LONG and not any(LIVE & {*step.states.values()} for step in steps)
        }

    @cached_property
    def lost(self) -> list[Lost]:
        """Parameters that never got a gradient at any step, and those that stopped getting one. Not what an
        optimizer of the program's own moves without any, nor what follows others."""
        found: list[Lost] = []
        for tensor, states in self.states.items():
            if tensor not in self.learning:
                without = all(state is GradState.NONE for state, _ in states)
                if without and tensor in self.fed_otherwise:
                    continue
                found.extend(_never(tensor, states))
            elif (late := _late(tensor, states)) is not None:
                found.append(late)
        return found

    @cached_property
    def fed_otherwise(self) -> frozenset[int]:
        """Parameters that change without a gradient: an optimizer moves them all the same, or they follow
        others."""
        return self._moved | self.followers

    @cached_property
    def followers(self) -> frozenset[int]:
        """Parameters into which the program writes copies or averages of others that learn."""
        return followers(self.scenes, self.learning)

    @cached_property
    def _moved(self) -> frozenset[int]:
        """Tensors that some step is known to have changed."""
        told = (one.moved for scene in self.scenes for one in scene.snapshot.optimizers)
        return frozenset(tensor for moved in told for tensor in moved)

    @cached_property
    def windows(self) -> list[tuple[Scene, Window]]:
        """Every step of an optimizer that some scene shows, once."""
        found: list[tuple[Scene, Window]] = []
        last = -1
        for scene in self.scenes:
            fresh = [window for window in windows(scene) if window.order > last]
            found.extend((scene, window) for window in fresh)
            last = max([last, *(window.order for window in fresh)])
        return found

    @cached_property
    def _backwards(self) -> dict[tuple[int, int], int]:
        """How many backwards ran before each step since its optimizer's last: by optimizer and order."""
        found: dict[tuple[int, int], int] = {}
        before: dict[int, int] = {}
        for one in self.judgements:
            found[one.optimizer, one.order] = one.stop - before.get(one.optimizer, 0)
            before[one.optimizer] = one.stop
        return found

    def ran_unseen(self, window: Window) -> bool:
        """Whether backwards ran before a step and its scene shows none, as it doesn't keep every call."""
        seen = window.backwards or window.earlier
        return not seen and self._backwards.get((window.optimizer, window.order), 0) > 0


def _never(tensor: int, states: list[tuple[GradState, Judgement]]) -> Iterator[Lost]:
    """Once; and twice where a long time without any gradient came before one with zeros, as another term of
    the loss may bring these."""
    zero = next((place for place, (state, _) in enumerate(states) if state is GradState.ZERO), len(states))
    if zero >= min(LONG, len(states)):
        yield _lost(tensor, GradState.NONE, states[:zero])
    if zero < len(states):
        yield _lost(tensor, GradState.ZERO, states[zero if zero >= LONG else 0 :])


def _lost(tensor: int, state: GradState, states: Sequence[tuple[GradState, Judgement]]) -> Lost:
    first = states[0][1]
    return Lost(tensor, first.optimizer, state, len(states), first.order, first.stop)


def _late(tensor: int, states: list[tuple[GradState, Judgement]]) -> Lost | None:
    """The end of a history without any gradient, where it is far longer than every gap before it."""
    gaps, gap = [0], 0
    for state, _ in states:
        if state in (GradState.NONE, GradState.ZERO):
            gap += 1
        else:
            gaps.append(gap)
            gap = 0
    if gap < LONG or gap <= LONGER * max(gaps):
        return None
    first = states[-gap][1]
    zero = any(state is GradState.ZERO for state, _ in states[-gap:])
    state = GradState.ZERO if zero else GradState.NONE
    return Lost(tensor, first.optimizer, state, gap, first.order, first.stop, late=True)


def windows(scene: Scene) -> list[Window]:
    """The steps of optimizers in one trace, in order."""
    found: list[Window] = []
    backwards: list[int] = []
    clears: dict[int, int] = {}
    stepped: dict[int, int] = {}
    sharing = _sharing(scene)
    for call in scene.events:
        kind = scene.kind[call]
        if kind == Kind.BACKWARD:
            backwards.append(call)
        elif kind == Kind.CLEAR:
            for optimizer in _cleared(scene, call):
                clears[optimizer] = call
        else:
            optimizer = scene.trace.detail[call]
            clear, before = clears.get(optimizer, -1), stepped.get(optimizer, -1)
            ran = [one for one in backwards if one > max(clear, before)]
            spent = max((stepped.get(one, -1) for one in sharing.get(optimizer, ())), default=-1)
            lost = [one for one in backwards if max(before, spent) < one < clear]
            found.append(Window(optimizer, call, tuple(ran), tuple(lost), clear, scene.trace.order[call]))
            stepped[optimizer] = call
    return found


def _sharing(scene: Scene) -> dict[int, set[int]]:
    """By optimizer those that hold some of its tensors, itself among them."""
    found: dict[int, set[int]] = {}
    for holders in scene.held.values():
        for one in holders:
            found.setdefault(one, set()).update(holders)
    return found


def _cleared(scene: Scene, call: int) -> set[int]:
    trace = scene.trace
    tensors = {scene.tensor[value] for value in trace.inputs[call]}
    return {optimizer for tensor in tensors for optimizer in scene.held.get(tensor, ())}
