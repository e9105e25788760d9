"""Backward and grad: the program is held before them where wanted, and then inside, node by node."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from math import isfinite
from types import FrameType
from typing import Any

from torch import Tensor

from gradtui.debuggee.breaks import Places
from gradtui.debuggee.capture import capture
from gradtui.debuggee.devices import capturing
from gradtui.debuggee.forward import is_broken
from gradtui.debuggee.functions import Act, Info
from gradtui.debuggee.learning import learnt
from gradtui.debuggee.passive import sequence_number
from gradtui.debuggee.quiet import Quiet, silenced
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.stepping import Stepping
from gradtui.debuggee.stops import Stops
from gradtui.debuggee.value_hooks import LARGEST, ValueHooks
from gradtui.model.columns import NONE
from gradtui.model.gradients import Learnt
from gradtui.model.graph import Graph
from gradtui.model.messages import STEPS, Command
from gradtui.model.messages import Act as Do
from gradtui.model.stops import Stop, StopKind
from gradtui.model.trace import Kind
from gradtui.model.unseen import IN_CUDA_GRAPH

ENGINE = {Act.BACKWARD: (StopKind.BACKWARD, Kind.BACKWARD), Act.GRAD: (StopKind.GRAD, Kind.GRAD)}
"""What a call of the engine is as a stop and as a record."""

BROKEN = 3
"""How often the values of forward are looked at: before the backward of a loss that is no finite number, and
while one runs in which a finite gradient becomes that."""
PLACES = 8
"""Of so many that call backward a recording gets the graph, of each once: there may be several losses."""
TOLD, PLACES_OF_ROUNDING = 2, 256
"""Backwards of which it is told that gradients cancel for the same leaves: they go on to. And how many leaves
may be told of."""


class Engine:
    """The handler of `backward` and `grad`: looks, holds where wanted, lets the engine run."""

    def __init__(self, stops: Stops, ran: Callable[[FrameType], None]) -> None:
        self.stops = stops
        self.ran = ran
        """Is told of each backward that has ended, of those that the program began itself."""
        self.recorder, self.holding = stops.recorder, stops.holding
        self.to_look = BROKEN
        """At the values of so many forwards whose loss is no finite number."""
        self.watching = False
        """Whether the backward that is running is watched node by node."""
        self.held_at: set[tuple[int, ...]] = set()
        """Stacks of the backwards at which the program was held, or would have been for a recording."""
        self._cancelled: dict[tuple[int, ...], int] = {}
        """By leaves in how many backwards it was told that what they get cancels."""
        self._got_more: set[int] = set()
        """Leaves that got anything else in a backward that was watched."""
        self.recorder.handlers.update(dict.fromkeys(ENGINE, self.run))

    def run(
        self,
        rec: Recorder,
        info: Info,
        frame: FrameType,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Any:
        stop_kind, kind = ENGINE[info.act]
        first = args[0] if args else kwargs.get("tensors", kwargs.get("outputs"))
        roots = [first] if type(first) is Tensor else rec.tensors_in((first,), [])
        if rec.in_backward:
            try:
                return self._within(roots, func, args, kwargs)
            except Exception:
                if kind is Kind.GRAD and not rec.quiet:
                    self._asked(info, frame, args, kwargs, roots)
                raise
        keeps = keeps_graph(3 if kind is Kind.GRAD else 2, args, kwargs) if kwargs or len(args) > 1 else 0
        try:
            stop, hooks = self._before(stop_kind, kind, info, frame, roots, keeps)
        except Exception as error:  # a fault of ours mustn't become one of the program's
            rec.failed(error)
            return func(*args, **kwargs)
        rec.freed_before = rec.freed_until
        if not keeps:
            rec.freed_until = rec.tape.next_order
        begin = sequence_number()
        try:
            out = func(*args, **kwargs)
        except BaseException as error:
            self._raised(error, hooks)
            hooks = None  # whoever keeps the error keeps this frame
            if kind is Kind.GRAD:
                self._asked(info, frame, args, kwargs)
            raise
        self._after(stop, hooks, frame, out)
        if kind is Kind.GRAD:
            self._gradients(info, frame, roots, out, begin, kwargs)
            self._asked(info, frame, args, kwargs)
        return out

    def _asked(
        self,
        info: Info,
        frame: FrameType,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        roots: Sequence[Tensor] = (),
    ) -> None:
        """Note what `autograd.grad` was asked to derive by, nothing where edges were given; and the call
        itself, of these roots, where that wasn't noted."""
        rec = self.recorder
        with rec.contained:
            if roots:
                rec.note(info, frame, Kind.GRAD, rec.values(roots, frame))
            wanted = rec.tensors_in((args[1] if len(args) > 1 else kwargs.get("inputs"),), [])
            if looked := [rec.value(tensor, frame) for tensor in wanted]:
                rec.note(info, frame, Kind.LOOKED, looked, detail=1, stack=False)

    def _within(
        self, roots: list[Tensor], func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """A backward within another, as a checkpoint begins one: watched where that is watched."""
        rec = self.recorder
        value_hooks = self._hooks_within(roots) if self.watching and not rec.quiet else None
        try:
            return func(*args, **kwargs)
        finally:
            if value_hooks is not None:
                value_hooks.remove()
                try:
                    self._note_deaths(value_hooks)
                except Exception as error:  # the same
                    rec.failed(error)

    @silenced
    def _hooks_within(self, roots: list[Tensor]) -> ValueHooks | None:
        """Hooks on the nodes under these roots; None where that failed."""
        try:
            number = self.stops.snapshot_taker.tensor_number
            return self._value_hooks(
                self.stops.stops[-1], *capture(roots, self.recorder, number, lambda _: True)
            )
        except Exception as error:  # the same
            self.recorder.failed(error)
            return None

    def _before(
        self, stop_kind: StopKind, kind: Kind, info: Info, frame: FrameType, roots: list[Tensor], keeps: int
    ) -> tuple[Stop, ValueHooks | Stepping | None]:
        rec, stops = self.recorder, self.stops
        values = [rec.value(root, frame) for root in roots]
        call = rec.note(info, frame, kind, values, detail=keeps)
        rec.quiet = Quiet.ALL
        try:
            stop = stops.stop(stop_kind, call, values, roots)
            stops.roots = [weakref.ref(root) for root in roots]
            stops.running = (rec.tape.order_of(call), stop)
            hooks = self._look(stop, roots, frame)
            return stop, hooks
        finally:
            # Also where it was STEP, in a closure: that may clear gradients next, which in STEP isn't told.
            rec.quiet = Quiet.OFF

    def _look(self, stop: Stop, roots: list[Tensor], frame: FrameType) -> ValueHooks | Stepping | None:
        """Walk the graph where somebody will see it, and put in the hooks that somebody asks for."""
        stops = self.stops
        self.holding.overhear()
        if captured := capturing():
            self.recorder.unseen[IN_CUDA_GRAPH] = None
        hold = not captured and self._holds(stop, frame)
        judged = not captured and self.holding.attached and (stops.plan.check or self._is_worth_a_look())
        armed = not captured and self.holding.holds and bool(self.holding.breaks)
        broken = not captured and self._is_broken(stop, roots)
        nodes: list[Any] = []
        if hold or judged or armed or (broken and self._is_short()):
            stop, nodes = stops.walk(stop, roots)
            stops.add(stop)
            if stops.plan.check and stops.reaches_less():
                stops.see(stop, frame)
        else:
            stops.graph = None
            stops.add(stop)
        if broken:
            stops.look_at_values(stop, stop.roots[0], stops.graph, nodes)
        stops.judge.reached.before_backward()
        # At a backward that somebody looks at anyway a moment more isn't felt, and it may be the very one.
        looks = hold and self.holding.attached and not stops.judge.may_not_look()
        worth = judged or (looks and self._is_at_hand())
        watched = worth and stops.graph is not None and 0 < len(stops.graph) <= LARGEST
        if watched and stops.plan.check:
            return self._value_hooks(stop, stops.graph, nodes)
        command = None
        if hold:
            self.held_at.add(stop.stack)
            command = stops.hold(stop, frame, nodes=nodes)
        if command is None and armed:
            command = Command(Do.RUN, breaks=self.holding.breaks)
        if command is not None and self.holding.holds and nodes and (command.breaks or command.act in STEPS):
            return self._stepping(command, nodes, frame, told=hold)
        return self._value_hooks(stop, stops.graph, nodes) if watched and self.holding.attached else None

    def _is_broken(self, stop: Stop, roots: list[Tensor]) -> bool:
        """Whether this is one of the first backwards whose loss is no finite number."""
        if stop.kind is not StopKind.BACKWARD or not self.to_look or not self.holding.attached:
            return False
        broken = stop.loss is not None and not isfinite(stop.loss)
        if stop.loss is None and self.stops.judge.any_device:
            broken = is_broken(roots, everywhere=True)
        self.to_look -= broken
        return broken

    def _is_short(self) -> bool:
        """Whether so few calls were made since the last step that to walk their graph takes no while."""
        orders = self.stops.step_orders
        return self.recorder.tape.next_order - (orders[-1] if orders else 0) <= LARGEST

    def _is_worth_a_look(self) -> bool:
        """Whether a gradient came out as zeros or NaN lately, or what was told to cancel may get more by now,
        and finding out takes nobody's time."""
        judge, number = self.stops.judge, self.stops.counts.get(StopKind.BACKWARD, 0)
        again = bool(self._cancelled) and number & (number - 1) == 0
        if not (judge.to_watch or again) or not self._is_at_hand() or not self._is_short():
            return False
        judge.to_watch = max(0, judge.to_watch - 1)
        return True

    def _is_at_hand(self) -> bool:
        """Whether asking for values waits for no device."""
        return all(device.type == "cpu" for _, _, device in self.recorder.tape.metas)

    def _value_hooks(self, stop: Stop, graph: Graph | None, nodes: list[Any]) -> ValueHooks:
        assert graph is not None
        self.watching = True

        def broke() -> None:
            """A forward pass may have made NaN that the loss doesn't show, as it is masked by then."""
            if self.to_look and (stop.loss is None or isfinite(stop.loss)):
                self.to_look -= 1
                with self.recorder.contained:
                    self.stops.look_at_values(stop, NONE, graph, nodes)

        return ValueHooks(graph, nodes, self.recorder, broke)

    def _stepping(self, command: Command, nodes: list[Any], frame: FrameType, *, told: bool) -> Stepping:
        stops = self.stops
        assert stops.graph is not None
        frames = stops.snapshot_taker.user_frames(frame)
        pending = [frame] if not told else []

        def announce() -> None:
            if pending:
                stops.show(stops.stops[-1], pending.pop())  # with the numbers that its calls have by then

        places = Places(stops.graph, self.recorder, stops.owners, frames, stops.snapshot_taker.tensor_number)
        stepping = Stepping(stops.graph, nodes, self.recorder, self.holding, places, frames, announce)
        try:
            stepping.obey(command)
        except BaseException:
            stepping.remove()
            raise
        return stepping

    def _holds(self, stop: Stop, frame: FrameType) -> bool:
        """Whether the program is to be held at this backward or grad."""
        stops = self.stops
        if stops.plan.check or not self.holding.holds:
            return False
        if self.holding.pausing:
            return True
        if self.holding.past:
            return stops.plan.unheld and self._is_elsewhere(stop)
        where = stops.plan.stop_at
        if stops.held or not where:
            return stop.kind is StopKind.BACKWARD or stops.held
        if where.isdigit():
            return stop.kind is StopKind.BACKWARD and stop.index == int(where)
        file, _, line = where.rpartition(":")
        site = self.recorder.sites.table[stop.site]
        return site.line <= int(line) <= site.end_line and self.recorder.sites.absolute(file) == site.file

    def _is_elsewhere(self, stop: Stop) -> bool:
        """Whether this backward is called where none was that a recording has the graph of."""
        known = self.held_at
        return stop.kind is StopKind.BACKWARD and len(known) < PLACES and stop.stack not in known

    def _note_deaths(self, value_hooks: ValueHooks, *, over: bool = True) -> None:
        number = self.stops.counts.get(StopKind.BACKWARD, 0)
        unsent = self.stops.unsent
        unsent.watched.append(number)
        unsent.deaths.extend(replace(death, backward=number) for death in value_hooks.found(over=over))
        cancelled, others = value_hooks.cancelled()
        unsent.uncancelled += sorted(others.intersection(chain(*self._cancelled)) - self._got_more)
        self._got_more |= others
        for one in cancelled:
            leaves = tuple(leaf for leaf in one.leaves if leaf not in self._got_more)
            often = self._cancelled.get(leaves, 0)
            if leaves and often < TOLD and len(self._cancelled) < PLACES_OF_ROUNDING:
                self._cancelled[leaves] = often + 1
                unsent.cancelled.append(replace(one, leaves=leaves, backward=number))

    @silenced
    def _after(self, stop: Stop, hooks: ValueHooks | Stepping | None, frame: FrameType, out: Any) -> None:
        self.stops.running = None
        self.watching = False
        rec = self.recorder
        try:
            self.stops.judge.reached.after_backward()
            if isinstance(hooks, Stepping):
                hooks.ended(self._learnt)
            if hooks is not None:
                hooks.remove()
            if isinstance(hooks, ValueHooks):
                # No leaf is reached by what is given back: as in one that raises, NaN counts at once.
                given = rec.tensors_in((out,), [])
                self._note_deaths(hooks, over=not is_broken(given, everywhere=self.stops.judge.any_device))
            if stop.kind is StopKind.BACKWARD:
                self.ran(frame)
        except Exception as error:  # the same
            rec.failed(error)

    def _learnt(self, graph: Graph) -> tuple[Learnt, ...]:
        """What the leaves of a graph have now, and what their optimizers would do with it."""
        numbers, tape = graph.leaves(), self.recorder.tape
        leaves = [
            (tape.tensor[value], tensor)
            for key, value in tape.alive().items()
            if tape.tensor[value] in numbers and (tensor := tape.refs[key]()) is not None
        ]
        owners = self.stops.owners
        return learnt(leaves, [built for entry in owners.living if (built := entry.ref()) is not None])

    @silenced
    def _raised(self, error: BaseException, hooks: ValueHooks | Stepping | None) -> None:
        """The engine raised: hold at the node where it did, before the program gets to know."""
        self.stops.failure = id(error)
        self.watching = False
        with self.recorder.contained:
            self.stops.judge.reached.backward_raised()
            if isinstance(hooks, Stepping) and isinstance(error, Exception):
                hooks.raised(error, self.stops.snapshot_taker.writer)
            if hooks is not None:
                hooks.remove()
            if isinstance(hooks, ValueHooks) and isinstance(error, Exception):
                self._note_deaths(hooks, over=False)

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


def keeps_graph(first: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> int:
    """1 where the graph outlives this backward: `retain_graph`, in place `first`, or `create_graph`."""
    retain = kwargs.get("retain_graph", args[first] if len(args) > first else None)
    create = kwargs.get("create_graph", args[first + 1] if len(args) > first + 1 else False)
    return int(bool(create) or bool(retain))
