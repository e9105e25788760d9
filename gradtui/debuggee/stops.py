"""Where the program is looked at: before backward and grad, at optimizers' steps, exceptions and the end.

Decides whether the program is held there, takes the snapshot and talks to the viewer.
"""

from __future__ import annotations

import os
import sys
import time
import weakref
from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from types import FrameType
from typing import Any

from torch import Tensor
from torch.optim import Optimizer

from gradtui.debuggee.capture import capture
from gradtui.debuggee.compaction import compact, keep
from gradtui.debuggee.deaths import LARGEST, Watcher
from gradtui.debuggee.failures import described
from gradtui.debuggee.functions import Act, Info
from gradtui.debuggee.judge import Judge
from gradtui.debuggee.owners import Owners
from gradtui.debuggee.patches import held_by
from gradtui.debuggee.recorder import LEAF, Recorder, sequence_number
from gradtui.debuggee.snapshots import Photographer
from gradtui.model.columns import NONE
from gradtui.model.gradients import Death
from gradtui.model.graph import Graph
from gradtui.model.messages import Act as Do
from gradtui.model.messages import Answer, Command, Evaluate, Finished, Plan, Progress, Seen, Show, Stopped
from gradtui.model.stops import Outcome, Raised, Stop, StopKind
from gradtui.model.trace import Kind
from gradtui.wire.channel import Channel

TICK = 0.2
"""Seconds between two signs of life."""
WINDOW_STEPS = 2
"""How many of an optimizer's last steps a trace reaches back."""
LARGEST_WINDOW = 200_000
"""Calls that a trace reaches back at most."""


ENGINE = {Act.BACKWARD: (StopKind.BACKWARD, Kind.BACKWARD), Act.GRAD: (StopKind.GRAD, Kind.GRAD)}
"""What a call of the engine is as a stop and as a record."""


class Stops:
    """Everything that happens at a stop, for one program."""

    def __init__(
        self,
        plan: Plan,
        channel: Channel,
        recorder: Recorder,
        owners: Owners,
        photographer: Photographer,
        judge: Judge,
    ) -> None:
        self.plan, self.channel = plan, channel
        self.recorder, self.owners = recorder, owners
        self.photographer, self.judge = photographer, judge
        self.stops: list[Stop] = []
        self.counts: dict[StopKind, int] = {}
        self.attached = True
        self.free = False
        """The viewer has let go: nothing is held any more."""
        self.held = False
        """Whether the program was ever held."""
        self.wanted = 1
        """Backward at which the program is held next, in screen mode."""
        self.graph: Graph | None = None
        self.deaths: list[Death] = []
        self.roots: list[weakref.ref[Tensor]] = []
        self.running: tuple[int, Stop] | None = None
        """The backward that is running: its record, by order, and its stop."""
        self.failure = 0
        """Identity of what the last backward raised; the error itself would keep its frames alive."""
        self.step_orders: deque[int] = deque(maxlen=64)
        self._next_tick = 0.0
        recorder.handlers.update(dict.fromkeys(ENGINE, self.engine))
        recorder.on_tick = self.tick
        recorder.on_full = self.full

    def engine(
        self,
        rec: Recorder,
        info: Info,
        frame: FrameType,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        """The handler of `backward` and `grad`: looks, holds where wanted, lets the engine run."""
        stop_kind, kind = ENGINE[info.act]
        if rec.in_backward:
            return func(*args, **kwargs)
        first = args[0] if args else kwargs.get("tensors", kwargs.get("outputs"))
        roots = rec.tensors_in((first,), [])
        keeps = keeps_graph(3 if kind is Kind.GRAD else 2, args, kwargs)
        try:
            stop, watcher = self._before(stop_kind, kind, info, frame, roots, keeps)
        except Exception as error:  # a fault of ours mustn't become one of the program's
            rec.failed(error)
            return func(*args, **kwargs)
        begin = sequence_number()
        try:
            out = func(*args, **kwargs)
        except BaseException as error:
            self.failure = id(error)
            if watcher is not None:
                watcher.remove()
            raise
        self._after(stop, watcher)
        if kind is Kind.GRAD:
            self._gradients(info, frame, roots, out, begin, kwargs)
        return out

    def _before(
        self, stop_kind: StopKind, kind: Kind, info: Info, frame: FrameType, roots: list[Tensor], keeps: int
    ) -> tuple[Stop, Watcher | None]:
        rec = self.recorder
        values = [rec.value(root, frame) for root in roots]
        call = rec.note(info, frame, kind, values, detail=keeps)
        rec.quiet = 2
        try:
            stop = self._stop(stop_kind, call, values, roots)
            self.roots = [weakref.ref(root) for root in roots]
            self.running = (rec.tape.order[call], stop)
            hold = self._holds(stop, frame)
            watcher = self._look(stop, roots, hold=hold)
            self.judge.before_backward(self.owners.optimizers)
            if hold:
                self._hold(self.stops[-1], frame)
            return stop, watcher
        finally:
            rec.quiet = 0

    def _after(self, stop: Stop, watcher: Watcher | None) -> None:
        self.running = None
        rec = self.recorder
        before, rec.quiet = rec.quiet, 2
        try:
            self.judge.after_backward()
            if watcher is not None:
                watcher.remove()
                self.deaths.extend(watcher.found())
        except Exception as error:  # the same
            rec.failed(error)
        finally:
            rec.quiet = before

    def _gradients(
        self, info: Info, frame: FrameType, roots: list[Tensor], out: Any, begin: int, kwargs: dict[str, Any]
    ) -> None:
        """What `autograd.grad` gave: new values, so that a loss made of them leads back here."""
        rec = self.recorder
        made = [tensor for tensor in rec.tensors_in((out,), []) if rec.tape.value_of(tensor) == NONE]
        if not made:
            return
        came = [rec.value(root, frame) for root in roots]
        call = rec.open(info, frame, Kind.GRAD, stack=True)
        rec.tape.inputs.extend(came)
        rec.tape.detail[call] = int(bool(kwargs.get("create_graph")))
        for tensor in made:
            rec.make(tensor, came)
        rec.close(call, begin, sequence_number())

    def before_step(self, optimizer: Optimizer) -> None:
        if self.recorder.quiet == 0:
            self.recorder.quiet = 1

    def after_step(self, optimizer: Optimizer) -> None:
        rec = self.recorder
        rec.quiet = 2
        try:
            self._step(optimizer, sys._getframe(2))
        except Exception as error:  # a fault of ours mustn't become one of the program's
            rec.failed(error)
        finally:
            rec.quiet = 0

    def _step(self, optimizer: Optimizer, frame: FrameType) -> None:
        rec, tape = self.recorder, self.recorder.tape
        number = self.owners.optimizer_number(optimizer)
        if number == NONE:
            self.owners.built(optimizer, 0, tape.next_order)
            number = len(self.owners.optimizers) - 1
        built = self.owners.optimizers[number]
        built.steps += 1
        info = rec.functions.named(f"{built.kind}.step", Act.WRITE)
        begin = sequence_number()
        call = rec.open(info, frame, Kind.STEP, stack=True)
        tape.detail[call] = number
        for tensor in held_by(optimizer):
            value = tape.value_of(tensor)
            if value != NONE and tape.version[value] not in (-1, tensor._version):
                made = rec.make(tensor, (), same=value)
                tape.writers[tape.storage[made]] = call
        rec.close(call, begin, begin)
        order = tape.order[call]
        self.step_orders.append(order)
        self.judge.step(built, number, optimizer, order, self.counts.get(StopKind.BACKWARD, 0))
        if self.attached and (self.judge.novel or tape.novel):
            self._see(self._stop(StopKind.STEP, call, [], []), frame)
        else:
            self.deaths.clear()
        if self.plan.check and self._all_judged():
            self._leave()

    def _all_judged(self) -> bool:
        steps = [built.steps for built in self.owners.optimizers if built.ref() is not None]
        return self.plan.steps > 0 and bool(steps) and min(steps) >= self.plan.steps

    def _leave(self) -> None:
        """All optimizers are judged: the program has done what it was run for, and ends here."""
        frame = sys._getframe(2)
        self._see(self._stop(StopKind.END, NONE, [], []), frame)
        self._send(Finished(Outcome(0)))
        self.channel.close()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):  # a stream that the program has closed has nothing to lose
                stream.flush()
        os._exit(0)

    # the ends

    def raised(self, error: BaseException) -> None:
        """The program raised and nobody caught it; its frames are still there."""
        rec = self.recorder
        rec.quiet = 2
        if id(error) != self.failure:
            self.running = None  # a backward that raised, and that the program made nothing of, is over
        raised = described(error, rec, in_backward=self.running is not None)
        roots = [root for root in (ref() for ref in self.roots) if root is not None]
        if self.running is None:
            roots = self._likely_roots()
        values = [rec.tape.value_of(root) for root in roots]
        call = rec.note(rec.functions.named("raised"), None, Kind.RAISED, site=site_of(raised), stack=False)
        stop = self._stop(StopKind.EXCEPTION, call, values, roots, stack=raised.stack)
        self._walk(stop, roots)
        frames = frames_of(error)
        if self.plan.check or self.free:
            self._see(self.stops[-1], frames, raised)
        else:
            self._hold(self.stops[-1], frames, raised)

    def ended(self) -> None:
        self.recorder.quiet = 2
        stop = self._stop(StopKind.END, NONE, [], [])
        if self.plan.check or self.free or self.held:
            self._see(stop, None)
        else:
            self._hold(stop, None)

    def _likely_roots(self) -> list[Tensor]:
        """The newest tensor that could have become a loss: the graph that was built so far hangs on it."""
        tape = self.recorder.tape
        best: tuple[int, Tensor] | None = None
        for key, value in tape.alive().items():
            tensor = tape.refs[key]()
            if tensor is None or not tensor.requires_grad or tape.flags[value] & LEAF:
                continue
            if best is None or value > best[0]:
                best = (value, tensor)
        return [best[1]] if best else []

    # what a stop is made of

    def _stop(
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
        elif stack and kind is StopKind.EXCEPTION:
            site = self.photographer.user_site(stack)
        return Stop(
            index=self.counts[kind],
            kind=kind,
            site=site,
            call=call,
            stack=stack,
            roots=tuple(values),
            loss=loss_of(roots),
        )

    def _holds(self, stop: Stop, frame: FrameType) -> bool:
        """Whether the program is to be held at this backward or grad."""
        if self.plan.check or self.free or not self.attached:
            return False
        where = self.plan.stop_at
        if self.held or not where:
            return stop.kind is StopKind.BACKWARD or self.held
        if where.isdigit():
            return stop.kind is StopKind.BACKWARD and stop.index == int(where)
        file, _, line = where.rpartition(":")
        site = self.recorder.sites.table[stop.site]
        return site.line <= int(line) <= site.end_line and os.path.abspath(file) == site.file

    def _look(self, stop: Stop, roots: list[Tensor], *, hold: bool) -> Watcher | None:
        """Walk the graph where somebody will see it, or where gradients are judged by value."""
        if hold or (self.plan.check and self.attached):
            nodes = self._walk(stop, roots)
            if self.plan.check and self.graph is not None and 0 < len(self.graph) <= LARGEST:
                return Watcher(self.graph, nodes, self.recorder)
        else:
            self.graph = None
            self.stops.append(stop)
        return None

    def _walk(self, stop: Stop, roots: Sequence[Tensor]) -> list[Any]:
        """Capture the graph under the roots, and count in the stop what it reaches."""
        self.graph, nodes = capture(roots, self.recorder, self.photographer.tensor_number, self._capturing)
        # Where no backward was on its way there is no loss yet that could reach a parameter, or miss one.
        wanted = self.photographer.learning() if self.running is not None else set()
        reached = len(wanted & self.graph.leaves())
        self.stops.append(replace(stop, nodes=len(self.graph), total=len(wanted), reached=reached))
        return nodes

    def window(self) -> int:
        """The first call that a trace reaches back to."""
        tape = self.recorder.tape
        steps = WINDOW_STEPS * max(1, sum(built.steps > 0 for built in self.owners.optimizers))
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
        compact(rec.tape, keep(rec.tape, window))
        self.photographer.compacted()
        rec.grow_at = max(50_000, 2 * len(rec.tape))

    # talking

    def _see(
        self, stop: Stop, frames: FrameType | Sequence[FrameType] | None, raised: Raised | None = None
    ) -> None:
        self._send(Seen(self._snapshot(stop, frames, raised)))

    def _snapshot(
        self, stop: Stop, frames: FrameType | Sequence[FrameType] | None, raised: Raised | None
    ) -> Any:
        rec = self.recorder
        rec.tape.novel = 0
        deaths, self.deaths = tuple(self.deaths), []
        return self.photographer.snapshot(
            stop,
            frames,
            window=self.window(),
            graph=self.graph,
            stops=tuple(self.stops),
            judgements=self.judge.take(),
            deaths=deaths,
            raised=raised,
        )

    def _hold(
        self, stop: Stop, frames: FrameType | Sequence[FrameType] | None, raised: Raised | None = None
    ) -> None:
        """Show the viewer where the program is, and do what it says until it says to go on."""
        if not self.attached:
            return
        self.held = True
        self._send(Stopped(self._snapshot(stop, frames, raised)))
        while self.attached:
            message = self.channel.receive()
            if message is None:
                self.attached = False
            elif isinstance(message, Command):
                if message.act is Do.DETACH:
                    self.free = True
                return
            elif isinstance(message, (Evaluate, Show)):
                self._send(Answer(message.request, "This can't be looked at yet.", error=True))

    def tick(self, frame: FrameType) -> None:
        """Called every few calls: says where the program is, a few times a second."""
        now = time.monotonic()
        if now >= self._next_tick:
            self._next_tick = now + TICK
            sites = self.recorder.sites
            phase = "backward" if self.recorder.in_backward else "running"
            self._send(Progress(self.recorder.tape.next_order, sites.table[sites.here(frame)], phase))

    def _capturing(self, done: int) -> None:
        self._send(Progress(self.recorder.tape.next_order, None, "capturing", done))

    def _send(self, message: Any) -> None:
        if self.attached:
            self.attached = self.channel.send(message) is not False


def keeps_graph(first: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """1 where the graph outlives this backward: `retain_graph`, in place `first`, or `create_graph`."""
    retain = kwargs.get("retain_graph", args[first] if len(args) > first else None)
    create = kwargs.get("create_graph", args[first + 1] if len(args) > first + 1 else False)
    return int(bool(create) or bool(retain))


def loss_of(roots: Sequence[Tensor]) -> float | None:
    """The loss as a number, where that costs nothing: one element, on the CPU."""
    if len(roots) != 1:
        return None
    root = roots[0]
    if root.device.type != "cpu" or root.numel() != 1 or not root.is_floating_point():
        return None
    try:
        return float(root.detach())
    except RuntimeError:
        return None  # a tensor without storage, or of a wrapper that has no number


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
