"""Where the program is looked at: makes the stops, takes the snapshots, and holds it there where wanted.

What happens at backward and grad is in `engine`, what happens at optimizers' steps in `steps`.
"""

from __future__ import annotations

import os
import threading
import weakref
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite
from operator import itemgetter
from types import CodeType, FrameType
from typing import Any

from torch import Tensor

from gradtui.debuggee.capture import EVERY, FREED, LeftUnread, capture
from gradtui.debuggee.compaction import compact, keep, renumber_graph, renumber_stop
from gradtui.debuggee.failures import described
from gradtui.debuggee.forward import forward_values, is_broken
from gradtui.debuggee.holding import HeldState, Holding
from gradtui.debuggee.judge import Judge
from gradtui.debuggee.marks import LEAF
from gradtui.debuggee.owners import Owners
from gradtui.debuggee.quiet import Quiet, silenced
from gradtui.debuggee.readings import undisturbed
from gradtui.debuggee.recorder import FIRST_COMPACTION, Recorder
from gradtui.debuggee.snapshots import SnapshotTaker
from gradtui.debuggee.traces import Progress as Cutting
from gradtui.debuggee.unsent import Unsent
from gradtui.model.columns import NONE
from gradtui.model.forward import ForwardValues, Health
from gradtui.model.graph import Graph
from gradtui.model.messages import Command, Plan, ProgramPhase, Progress, Seen, Stopped, Training
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import BACKWARDS, Raised, Stop, StopKind
from gradtui.model.trace import Kind
from gradtui.model.unseen import IN_OTHER_PROCESSES, left_unread
from gradtui.wire.channel import Channel

WINDOW_STEPS = 2
"""How many of an optimizer's last steps a trace reaches back."""
GONE = 8
"""And of so many optimizers that are gone, for each of which as many steps come in as for the others."""
LARGEST_WINDOW = 200_000
"""Calls that a trace reaches back at most."""

NEWEST = 32
"""Tensors that are looked at where the program ended: whether one of them isn't finite."""

MOST_STOPS = 10_000
"""Backwards that are remembered at most: a long run has any number of them."""

AT_WORK = 0.5
"""Seconds for which other processes, started by the program, have computed at least where that is told."""

Frames = FrameType | Sequence[FrameType] | None


def children_seconds() -> float:
    """For how long processes have computed that the program started, and that have ended."""
    times = os.times()
    return times.children_user + times.children_system


class Stops:
    """Everything that happens at a stop, for one program."""

    def __init__(
        self,
        plan: Plan,
        channel: Channel,
        recorder: Recorder,
        owners: Owners,
        snapshot_taker: SnapshotTaker,
        judge: Judge,
    ) -> None:
        self.plan = plan
        self.recorder, self.owners = recorder, owners
        self.snapshot_taker, self.judge = snapshot_taker, judge
        self.holding = Holding(channel, recorder)
        self.stops: list[Stop] = []
        self.counts: dict[StopKind, int] = {}
        self.held = False
        """Whether the program was ever held."""
        self.graph: Graph | None = None
        """Of the last stop that had one; calls are numbered as taped."""
        self.unread = 0
        """Nodes after which the graph of this stop was left unread; 0 where it wasn't."""
        self.unsent = Unsent()
        """What the viewer is to be told of backwards, and wasn't yet."""
        self.roots: list[weakref.ref[Tensor]] = []
        self.running: tuple[int, Stop] | None = None
        """The backward that is running: its record, by order, and its stop."""
        self.breakpoints: dict[tuple[CodeType, int], int] = {}
        """By its place how often the program came to a breakpoint."""
        self._children = children_seconds()
        """What they had computed when recording began."""
        self.failure = 0
        """Identity of what the last backward raised; the error itself would keep its frames alive."""
        self._reached_less = False
        self.step_orders: deque[int] = deque(maxlen=64)
        self.holding.training = self._training
        recorder.on_tick = self.tick
        recorder.on_full = self.full

    # the ends

    def raised(self, error: BaseException) -> None:
        """The program raised and nobody caught it; its frames are still there."""
        rec = self.recorder
        rec.quiet = Quiet.ALL
        if id(error) != self.failure:
            self.running = None  # a backward that raised, and that the program made nothing of, is over
        raised = described(error, rec, in_backward=self.running is not None)
        roots = [root for root in (ref() for ref in self.roots) if root is not None]
        if self.running is None:
            roots = self._likely_roots()
        else:  # what it came to is freed by now; what it ran into was so before it
            rec.freed_until = rec.freed_before
        values = [rec.tape.value_of(root) for root in roots]
        call = rec.note(rec.functions.named("raised"), None, Kind.RAISED, site=site_of(raised), stack=False)
        stop = self.stop(StopKind.EXCEPTION, call, values, roots, stack=raised.stack)
        stop, nodes = self.walk(stop, roots)
        self.add(stop)
        if self.graph is not None and (self.running is None or FREED not in raised.message):
            # It is so after a backward, and behind one that raised for another reason: nobody minds.
            self.graph = replace(self.graph, freed=NONE)
        self._look_for_broken(stop)
        frames = frames_of(error)
        if self.plan.check or self.holding.free:
            self.see(stop, frames, raised)
        else:
            self.hold(stop, frames, raised, nodes)

    def ended(self, *, exited: bool = False) -> None:
        """The program is over; `exited` where it has ended itself as failed, which many do at a NaN."""
        self.recorder.quiet = Quiet.ALL
        worked = children_seconds() - self._children
        if self.counts.keys().isdisjoint(BACKWARDS) and worked > AT_WORK:
            self.recorder.unseen[IN_OTHER_PROCESSES] = None
        stop = self.stop(StopKind.END, NONE, [], [])
        if exited:
            self._look_for_broken(stop)
        if self.plan.check or self.holding.free or self.held:
            self.see(stop, None)
        else:
            self.hold(stop, None)

    def look_at_values(self, stop: Stop, root: int, graph: Graph | None, nodes: Sequence[Any]) -> None:
        """Note how the values of a forward pass stand, one of which is no finite number: the root."""
        look = forward_values(self.recorder, graph, nodes, everywhere=self.judge.any_device)
        self.unsent.forwards.append(ForwardValues(stop.kind, stop.index, root, *look))

    def _look_for_broken(self, stop: Stop) -> None:
        """Look at the values where the program ended, should that be because of one that isn't finite."""
        newest = sorted(self._with_graph(), reverse=True, key=itemgetter(0))[:NEWEST]
        for value, tensor in newest:
            # Scores that are masked are infinite on purpose: a loss never is.
            least = Health.INF if tensor.numel() == 1 else Health.NAN
            if is_broken([tensor], least, everywhere=self.judge.any_device):
                found = capture([tensor], self.recorder, self.snapshot_taker.tensor_number, lambda _: True)
                self.look_at_values(stop, value, *found)
                return

    def _likely_roots(self) -> list[Tensor]:
        """The newest tensor that could have become a loss: the graph that was built so far hangs on it."""
        newest = max(self._with_graph(), default=None, key=itemgetter(0))
        return [newest[1]] if newest else []

    def _with_graph(self) -> Iterator[tuple[int, Tensor]]:
        """Tensors that still exist and have a graph, each with its value."""
        tape = self.recorder.tape
        for key, value in tape.alive().items():
            tensor = tape.refs[key]()
            if tensor is not None and tensor.requires_grad and not tape.flags[value] & LEAF:
                yield value, tensor

    # what a stop is made of

    def stop(
        self,
        kind: StopKind,
        call: int,
        values: Sequence[int],
        roots: Sequence[Tensor],
        stack: tuple[int, ...] = (),
    ) -> Stop:
        tape = self.recorder.tape
        self.counts[kind] = self.counts.get(kind, 0) + 1
        site = NONE if call == NONE else tape.keys[tape.key[call]][1]
        if call in tape.stack:
            stack = self.recorder.sites.stacks[tape.stack[call]]
        elif stack and kind in (StopKind.EXCEPTION, StopKind.PAUSE, StopKind.BREAKPOINT):
            site = self.snapshot_taker.user_site(stack)
        return Stop(
            index=self.counts[kind],
            kind=kind,
            site=site,
            call=call,
            stack=stack,
            roots=tuple(values),
            loss=loss_of(roots),
        )

    def add(self, stop: Stop) -> None:
        """Remember a stop; of the older half of too many, every second pair only: kinds may take turns."""
        self.stops.append(stop)
        if len(self.stops) > MOST_STOPS:
            half, broke = len(self.stops) // 2, where_broken(self.stops)
            older = enumerate(self.stops[:half])
            self.stops[:half] = [
                one for place, one in older if place % 4 < 2 or (one.kind, one.index) in broke
            ]

    def walk(self, stop: Stop, roots: Sequence[Tensor]) -> tuple[Stop, list[Any]]:
        """Capture the graph under the roots; gives the stop with what it reaches counted, and its nodes."""
        # Modules are looked for among all objects: now, as the walk makes an object for each node.
        self.owners.all_modules()
        try:
            self.graph, nodes = capture(
                roots, self.recorder, self.snapshot_taker.tensor_number, self._capturing
            )
        except LeftUnread as left:
            self.graph, self.unread = None, left.nodes
            return stop, []
        # Where no backward was on its way there is no loss yet that could reach a parameter, or miss one.
        wanted = self.snapshot_taker.learning() if self.running is not None else set()
        reached = len(wanted & self.graph.leaves())
        return replace(stop, nodes=len(self.graph), total=len(wanted), reached=reached), nodes

    def reaches_less(self) -> bool:
        """Whether a backward is the first that reaches fewer leaves than the one before it, where there is no
        optimizer at whose steps that would be told."""
        before = [stop.reached for stop in self.stops[-3:] if stop.kind is StopKind.BACKWARD]
        if self._reached_less or self.owners.optimizers or len(before) < 2 or before[-1] >= before[-2]:
            return False
        self._reached_less = True
        return True

    def window(self) -> int:
        """The first call that a trace reaches back to."""
        tape = self.recorder.tape
        stepped = sum(record.steps > 0 for record in self.owners.living)
        steps = WINDOW_STEPS * max(1, stepped + min(self.owners.stepped_and_gone, GONE))
        call = 0
        if len(self.step_orders) > steps:
            order = self.step_orders[-steps - 1]
            call = bisect_left(tape.order, order)
        return max(call, len(tape) - LARGEST_WINDOW)

    def full(self) -> None:
        """The tape has grown: drop what nothing descends from."""
        rec = self.recorder
        # Without a step there is no window: what happened last is kept all the same, so that it can be told.
        window = max(self.window(), len(rec.tape) - 2_000) if not self.step_orders else self.window()
        window = max(window, len(rec.tape) - rec.grow_at // 2)
        before = rec.tape.weight
        self.snapshot_taker.learn_births()
        moved = compact(rec.tape, keep(rec.tape, window))
        self.snapshot_taker.forget_births()
        self.owners.forget_gone()
        if self.graph is not None:
            self.graph = renumber_graph(self.graph, moved)
        self.stops = [renumber_stop(stop, moved) for stop in self.stops]
        self.unsent.renumber(moved)
        # Where hardly anything could be dropped, a graph is being built: the next look can wait for longer.
        after = rec.tape.weight
        rec.grow_at = max(FIRST_COMPACTION, (4 if after > 3 * before // 4 else 2) * after)

    # telling the viewer

    def see(self, stop: Stop, frames: Frames, raised: Raised | None = None) -> None:
        self.holding.send(Seen(self._snapshot(stop, frames, raised)))

    def hold(
        self, stop: Stop, frames: Frames, raised: Raised | None = None, nodes: Sequence[Any] = ()
    ) -> Command | None:
        """Show the viewer where the program is, and do what it says until it says to go on."""
        if not self.holding.attached:
            return None
        if self.plan.unheld:
            self.held = self.holding.past = True  # as if somebody had wanted to see no more backwards
            self.see(stop, frames, raised)
            return None
        self.show(stop, frames, raised)
        return self.holding.wait(HeldState(self.snapshot_taker.user_frames(frames), nodes=nodes))

    def show(self, stop: Stop, frames: Frames, raised: Raised | None = None) -> None:
        """Tell the viewer that the program is held."""
        self.held = True
        nodes = 0 if self.graph is None else len(self.graph)
        large = max(nodes, len(self.recorder.tape)) >= EVERY
        stopped = Stopped(self._snapshot(stop, frames, raised, self._telling if large else None))
        if large:
            # To send it takes less long than to have cut it, and isn't stopped: what was sent would be for
            # nothing, and the graph, which is most of it, would have to be sent once more.
            self.holding.send(Progress(self.recorder.tape.next_order, None, ProgramPhase.TELLING, nodes))
        self.holding.send(stopped)

    def _snapshot(
        self, stop: Stop, frames: Frames, raised: Raised | None, progress: Cutting | None = None
    ) -> Snapshot:
        rec = self.recorder
        rec.tape.novel = 0
        unread, self.unread = self.unread, 0
        snapshot = self.snapshot_taker.snapshot(
            stop,
            frames,
            window=self.window(),
            graph=self.graph,
            # A pause is among them only while it lasts: nothing is counted from it.
            stops=(*self.stops, stop) if stop.kind is StopKind.PAUSE else tuple(self.stops),
            unsent=self.unsent,
            unseen=(left_unread(unread),) if unread else (),
            raised=raised,
            progress=progress,
        )
        if not snapshot.brief:
            self.judge.told()
            self.unsent = Unsent()
        return snapshot

    def tick(self, frame: FrameType) -> None:
        """Called every few calls: says where the program is, and holds it where somebody asked for that."""
        inside = bool(self.recorder.in_backward)
        phase = ProgramPhase.BACKWARD if inside else ProgramPhase.RUNNING
        heard = self.holding.tick(frame, phase)
        if heard and not inside and self.holding.pausing and self.holding.holds and not self.plan.check:
            self._hold_between(StopKind.PAUSE, frame, ())

    def _training(self) -> Training:
        backwards = (stop for stop in reversed(self.stops) if stop.kind is StopKind.BACKWARD)
        last = next(backwards, None)
        return Training(
            self.counts.get(StopKind.BACKWARD, 0),
            max((record.steps for record in self.owners.living), default=0),
            last.loss if last is not None else None,
        )

    def breakpoint(self, tensors: Sequence[object], frame: FrameType) -> None:
        """Hold where the program itself asks for it."""
        rec, main = self.recorder, threading.main_thread().ident
        if rec.quiet or rec.fault or rec.in_backward or threading.get_ident() != main:
            return
        if self.plan.check or not self.holding.holds:
            return
        count = self.breakpoints[frame.f_code, frame.f_lineno] = 1 + self.breakpoints.get(
            (frame.f_code, frame.f_lineno), 0
        )
        if self.plan.unheld and count & (count - 1):  # in a long loop what is recorded mustn't grow with it
            return
        try:
            self._hold_between(
                StopKind.BREAKPOINT, frame, [one for one in tensors if isinstance(one, Tensor)]
            )
        except Exception as error:  # a fault of ours mustn't become one of the program's
            rec.failed(error)

    @silenced
    def _hold_between(self, kind: StopKind, frame: FrameType, roots: Sequence[Tensor]) -> None:
        """Hold in the middle of the program, with the graph under these roots or what was built last."""
        rec = self.recorder
        roots = roots or self._likely_roots()
        values = [rec.tape.value_of(root) for root in roots]
        stack = rec.sites.stacks[rec.sites.stack(frame)]
        stop = self.stop(kind, NONE, values, roots, stack=stack)
        stop, nodes = self.walk(stop, roots)
        if kind is not StopKind.PAUSE:
            self.add(stop)
        self.hold(stop, frame, nodes=nodes)

    def _capturing(self, done: int) -> bool:
        return self.holding.reads_on(ProgramPhase.CAPTURING, done)

    def _telling(self, done: int, total: int) -> bool:
        return self.holding.reads_on(ProgramPhase.TELLING, done, total)


def loss_of(roots: Sequence[Tensor]) -> float | None:
    """The loss as a number, where that costs nothing: one element, on the CPU."""
    if len(roots) != 1:
        return None
    root = roots[0]
    if not root.is_cpu or root.numel() != 1 or not root.is_floating_point():
        return None
    try:
        with undisturbed(reading=True):
            return float(root.item())
    except RuntimeError:
        return None  # a tensor without storage, or of a wrapper that has no number


def where_broken(stops: Sequence[Stop]) -> tuple[tuple[StopKind, int], ...]:
    """The first stop at which the loss is no finite number, and the one before it; nothing where none is."""
    for stop in stops:
        if stop.loss is not None and not isfinite(stop.loss):
            return (stop.kind, stop.index - 1), (stop.kind, stop.index)
    return ()


def frames_of(error: BaseException) -> list[FrameType]:
    """The frames of a traceback, innermost first."""
    found: list[FrameType] = []
    entry = error.__traceback__
    while entry is not None:
        found.append(entry.tb_frame)
        entry = entry.tb_next
    return found[::-1]


def site_of(raised: Raised) -> int:
    return raised.stack[0] if raised.stack else 0
