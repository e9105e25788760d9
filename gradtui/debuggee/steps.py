"""At optimizers' steps: what they wrote, how their gradients stood, and the end of a check."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from math import isfinite
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.optim import Optimizer

from gradtui.debuggee.ending import end_workers
from gradtui.debuggee.functions import Act
from gradtui.debuggee.optimizer_record import OptimizerRecord, is_spent, is_torchs, rates, writes_by_gradient
from gradtui.debuggee.optimizer_writes import Row, rewritten
from gradtui.debuggee.quiet import Quiet, silenced
from gradtui.debuggee.stops import Stops
from gradtui.debuggee.text_to_come import optimizer_to_come, thaw_to_come
from gradtui.model.columns import NONE
from gradtui.model.messages import Finished
from gradtui.model.stops import Outcome, StopKind
from gradtui.model.trace import Kind
from gradtui.model.unseen import IN_ANOTHER_THREAD

LASTING, LASTING_IN_HALF = 4, 24
"""Steps in a row that a GradScaler leaves out, from which on they count as steps without a usable gradient:
some at a time are its normal work, while it looks for a scale. In half precision that may take long. The
first is also how many backwards without any step there are, before it is asked why there is none."""
PATIENCE = 20.0
"""Seconds that a check goes on for an optimizer that is to be built yet, when all others have been judged."""
WARM_UP, WARM_UP_SECONDS = 256, 10.0
"""Steps of each optimizer, and seconds, that a check goes on for what had no gradient so far: a warm-up may
hold back a part of a model, or of a loss."""


class Steps:
    """Is told of every step of every optimizer."""

    def __init__(self, stops: Stops) -> None:
        self.stops = stops
        self.recorder, self.owners = stops.recorder, stops.owners
        self._thread = threading.get_ident()
        self._known, self._until = 0, 0.0
        """How many optimizers there were when it was asked for more, and until when these are waited for."""
        self._warm_until = 0.0
        """Until when what had no gradient is waited for; 0 as long as that wasn't asked."""
        self._thaws: bool | None = None
        """Whether the program has yet to thaw something; None as long as that wasn't asked."""

    def before(self, optimizer: Optimizer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """An optimizer is about to step; what runs inside is not recorded, but for a closure."""
        if torch.compiler.is_compiling():  # dynamo goes through this as a part of the program's own step
            return
        rec = self.recorder
        if threading.get_ident() != self._thread:
            rec.unseen[IN_ANOTHER_THREAD] = None
            self.owners.steps_elsewhere(optimizer)
            if not self._is_waited_for():
                return
        rec.step_code = sys._getframe(1).f_code
        if rec.stepping:
            rec.forget_steps(1)
        quiet = rec.quiet
        rec.stepping_in = threading.get_ident()
        rec.stepping.append(id(optimizer))
        try:
            # What else a step of the program's own takes isn't ours to ask, not even whether it is true.
            closure = any(map(callable, args[1:])) or kwargs.get("closure") is not None
            torchs = is_torchs(optimizer)
            if torchs:
                rec.optimizer_grads.begin(optimizer, closure=closure)
            if closure or not torchs:  # which changes no gradient
                with torch._C.DisableTorchFunction():
                    rec.on_grads()
            record = self.owners.record_of(optimizer)
            if record is not None:
                record.spent += is_spent(optimizer)
                self._look_before(record, optimizer)
            if quiet is Quiet.OFF:
                rec.quiet = Quiet.STEP
                if not closure:
                    rec.step_aside()
        except BaseException as error:
            rec.stepping.pop()
            rec.quiet = quiet
            rec.step_in()
            if not isinstance(error, Exception):  # an interrupt: the step won't begin
                raise
            rec.failed(error)  # a fault of ours mustn't become one of the program's

    def _look_before(self, record: OptimizerRecord, optimizer: Optimizer) -> None:
        """Look at what a step is going to change."""
        judge, effect = self.stops.judge, record.effect
        if record.torchs and not writes_by_gradient(optimizer):
            return  # an LBFGS leaves everything as it is once it has converged
        step, each, everywhere = record.steps + 1, judge.each_step, judge.any_device
        due, awaited = effect.is_due(step, each=each), effect.is_awaited(step, each=each)
        if not (due or awaited) or judge.may_not_look():
            return
        with torch._C.DisableTorchFunction():
            held = record.by_group(optimizer)
            tensors = [tensor for group in held for tensor in group]
            if not record.as_built(tensors):
                effect.forget()
                return
            if awaited:
                effect.between(tensors, everywhere=everywhere)
            if not due:
                return
            record.numbers = record.numbers or judge.numbers(tensors)
            known = [rate or 0.0 for rate in rates(optimizer, missing=1.0)]
            effect.before(known, held, record.numbers, by_gradient=record.torchs, everywhere=everywhere)

    def after(self, optimizer: Optimizer, _args: tuple[Any, ...], _kwargs: dict[str, Any]) -> None:
        if torch.compiler.is_compiling():
            return
        rec = self.recorder
        if rec.quiet is Quiet.ALL:
            return  # the viewer evaluates something
        if threading.get_ident() != self._thread and id(optimizer) not in rec.stepping:
            return  # it has stepped beside the thread that is recorded
        if id(optimizer) in rec.stepping:
            rec.stepping.remove(id(optimizer))
            if id(optimizer) in rec.stepping:
                return  # the step of a subclass goes on, which has called that of its parent
        rec.quiet = Quiet.OFF  # what it was before isn't known: of a step that raised this is never told
        rec.step_in()
        self._judge(optimizer, sys._getframe(1), made=True)

    def _is_waited_for(self) -> bool:
        """Whether the thread that is recorded does nothing but wait for this one, and there is no third: what
        is looked at in one thread mustn't be written by another."""
        frame = sys._current_frames().get(self._thread)
        waits = frame is not None and frame.f_code.co_filename == threading.__file__
        return waits and threading.active_count() == 2

    def left_out(
        self, record: OptimizerRecord, optimizer: Optimizer, frame: FrameType, refused: bool
    ) -> None:
        """A GradScaler has left a step out, because some gradient is no number; or has raised, at none."""
        if refused:
            self._judge(optimizer, frame, made=False)
            return
        record.left_out += 1
        half = any(dtype is torch.float16 for _, dtype, _ in self.recorder.tape.metas)
        if record.left_out >= (LASTING_IN_HALF if half else LASTING):
            self._judge(optimizer, frame, made=False)

    def backward_ran(self, frame: FrameType) -> None:
        """A backward has ended. Where many do and no step is made, or steps find nothing, a program may leave
        its steps out itself, or clear its gradients, because they are no numbers: each backward counts as a
        step without a usable gradient then."""
        for record in self.owners.living:
            if record.elsewhere:
                continue
            record.backwards += 1
            many = record.backwards
            asked = record.unusable > 1 or (many >= LASTING and many & (many - 1) == 0)
            asked = asked or self.stops.judge.found_nothing(record.number)
            optimizer = record.ref() if asked and not record.left_out else None
            if optimizer is not None:
                unusable = self.stops.judge.unusable(record.held())
                record.unusable = record.unusable + 1 if unusable else 0
                if record.unusable > 1:
                    self._judge(optimizer, frame, made=False)

    @silenced
    def _judge(self, optimizer: Optimizer, frame: FrameType, *, made: bool) -> None:
        rec = self.recorder
        try:
            # Even a tensor's attributes are calls to a mode, and here there are several for each parameter.
            with torch._C.DisableTorchFunction():
                self._step(optimizer, frame, made=made)
        except Exception as error:  # a fault of ours mustn't become one of the program's
            rec.failed(error)
        except BaseException:  # an interrupt
            rec.tape.mend()
            raise

    def _step(self, optimizer: Optimizer, frame: FrameType, *, made: bool) -> None:
        stops, tape = self.stops, self.recorder.tape
        number = self.owners.optimizer_number(optimizer)
        if number == NONE:
            self.owners.built(optimizer, 0, tape.next_order)
            number = len(self.owners.optimizers) - 1
        record = self.owners.optimizers[number]
        held = record.held_in(optimizer)
        as_built = record.as_built(held)
        record.stepped(optimizer)
        alike = self.recorder.optimizer_grads.take(optimizer) if made and as_built else ()
        order, written = self._record(record, number, held, frame, as_built=as_built, alike=alike)
        stops.step_orders.append(order)
        last = stops.stops[-1].loss if stops.stops else None
        if made:
            record.left_out = record.backwards = 0
        alarmed = not made or (last is not None and not isfinite(last))
        if as_built and made:
            everywhere = stops.judge.any_device
            stops.judge.novel |= record.effect.after(held, rounds=record.torchs, everywhere=everywhere)
        backwards = stops.counts.get(StopKind.BACKWARD, 0)
        stops.judge.step(
            record,
            number,
            held,
            order,
            backwards,
            as_built=as_built,
            alarmed=alarmed,
            written=made and written and writes_by_gradient(optimizer),
        )
        if made and not stops.judge.found_nothing(number):
            record.unusable = 0
        # What died in a check is told of soon enough, at its end; but of values the trace forgets most.
        unsent = stops.unsent
        found = bool(unsent.forwards or unsent.cancelled) or (bool(unsent.deaths) and not stops.plan.check)
        if stops.holding.attached and (stops.judge.novel or tape.novel or found):
            call = len(tape) - 1
            stops.see(stops.stop(StopKind.STEP, call, [], []), frame)
        else:
            unsent.forget_deaths()
        if stops.plan.check and self._all_judged() and not self._goes_on(frame):
            self._leave(frame)

    def _record(
        self,
        record: OptimizerRecord,
        number: int,
        held: Sequence[Tensor],
        frame: FrameType,
        *,
        as_built: bool,
        alike: Sequence[int],
    ) -> tuple[int, bool]:
        """Put the step of an optimizer on the tape; gives its order, and whether it wrote all it holds."""
        rec, tape = self.recorder, self.recorder.tape
        info = rec.functions.named(f"{record.kind}.step", Act.WRITE)
        begin = rec.sequence()
        call = rec.open(info, frame, Kind.STEP, stack=True)
        tape.detail[call] = number
        row = record.row if as_built else Row([*map(id, held)])
        written = rewritten(tape, held, call, row, alike)
        rec.close(call, begin, begin)
        return tape.order_of(call), written

    def _all_judged(self) -> bool:
        steps = [record.steps for record in self.owners.living if record.ref() is not None]
        return self.stops.plan.steps > 0 and bool(steps) and min(steps) >= self.stops.plan.steps

    def _goes_on(self, frame: FrameType) -> bool:
        """Whether the check is to see another optimizer, that of a second phase: it waits a while for it.

        And for what is being held back, if it is.
        """
        if self.stops.plan.patient and self._warms_up(frame):
            return True
        known = len(self.owners.optimizers)
        if known != self._known:
            to_come = optimizer_to_come(frame, self.recorder.sites, self.owners)
            self._known, self._until = known, time.monotonic() + PATIENCE if to_come else 0.0
        return time.monotonic() < self._until

    def _warms_up(self, frame: FrameType) -> bool:
        """Whether something may get its first gradient yet, if need be once it is thawed."""
        if self._warm_until == 0.0:
            self._warm_until = time.monotonic() + WARM_UP_SECONDS
        living = [record for record in self.owners.living if record.ref() is not None]
        steps, live = min(record.steps for record in living), [record.number for record in living]
        if steps >= WARM_UP or time.monotonic() >= self._warm_until:
            return False
        judge = self.stops.judge
        return judge.waits(live) or (judge.frozen(live) and self._thaws_later(frame))

    def _thaws_later(self, frame: FrameType) -> bool:
        """Whether the text of the program thaws parameters later; it is read once."""
        if self._thaws is None:
            self._thaws = thaw_to_come(frame, self.recorder.sites)
        return self._thaws

    def _leave(self, frame: FrameType) -> None:
        """All optimizers are judged: the program has done what it was run for, and ends here."""
        stops = self.stops
        sites = self.recorder.sites
        stack = sites.stacks[sites.stack(frame)]  # which a program that has come to its own end hasn't
        stops.see(stops.stop(StopKind.END, NONE, [], [], stack=stack), frame)
        stops.holding.send(Finished(Outcome(0, cut_short=True)))
        stops.holding.channel.close()
        try:
            for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
                # One that the program has closed has nothing to lose, and its own may be anything.
                with suppress(Exception):
                    stream.flush()  # type: ignore[union-attr]
            end_workers()
        finally:
            os._exit(0)
