"""Calls that the hot path leaves to others: writes, escapes, re-entries, switches of mode and of flags."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

from torch import Tensor

from gradtui.debuggee.call_outputs import changed, written
from gradtui.debuggee.escapes import Escapes, exact_floats, is_array
from gradtui.debuggee.functions import Act, Info
from gradtui.debuggee.handled_call import Handler
from gradtui.debuggee.marks import TRACKED, TRACKED_OR_GRAD, tracking
from gradtui.debuggee.optimizer_writes import Row
from gradtui.debuggee.passive import is_inference, same_memory, sequence_number
from gradtui.debuggee.recorder import Recorder
from gradtui.model.torch_functions import ASKING
from gradtui.model.trace import Kind, Switch

Function = Callable[..., Any]
Arguments = tuple[Any, ...]
Keywords = dict[str, Any]

CLEARING = {"zero_", "fill_", "mul_"}


class CallHandlers:
    """The handlers of one recorder, and what they have to remember between calls."""

    def __init__(self, recorder: Recorder) -> None:
        self.escapes = Escapes()
        handlers: dict[Act, Handler] = {
            Act.WRITE: self.write,
            Act.ESCAPE: self.escape,
            Act.REENTRY: self.reentry,
            Act.SWITCH: self.switch,
            Act.FLAG: self.flag,
            Act.READ_GRAD: self.read_grad,
            Act.SET_GRAD: self.set_grad,
            Act.HOOK: self.hook,
        }
        recorder.handlers.update(handlers)

    def write(
        self, rec: Recorder, info: Info, frame: FrameType, func: Function, args: Arguments, kwargs: Keywords
    ) -> Any:
        came = [rec.value(tensor, frame) for tensor in rec.tensors_in((*args, *kwargs.values()), [])]
        owner = rec.owner_of_grad(args[0]) if info.short in CLEARING and args else None
        begin = sequence_number()
        try:
            out = func(*args, **kwargs)
        except BaseException:
            rec.note(info, frame, Kind.RAISED, came)
            raise
        end = sequence_number()
        if owner is not None and (info.short == "zero_" or _is_zero(args)):
            self.clear(rec, info, frame, [owner])
            return out
        first = args[0] if args else next(iter(kwargs.values()), None)
        targets = rec.tensors_in((first,), [])
        if info.short != "__set__":
            targets = [tensor for tensor in targets if is_inference(tensor) or changed(rec.tape, tensor)]
        if not targets:
            return out
        call = len(rec.tape.key)
        written(rec, info, frame, came, targets, begin, end)
        if rec.floats:
            exact_floats(rec, [number for number in args[1:] if type(number) is float], call)
        if info.short == "detach_":
            rec.tape.kind[call] = Kind.OP
        elif info.short == "copy_" and len(args) > 1 and same_memory(args[0], args[1]):
            rec.tape.detail[call] = 1
        return out

    def escape(
        self, rec: Recorder, info: Info, frame: FrameType, func: Function, args: Arguments, kwargs: Keywords
    ) -> Any:
        value = rec.value(args[0], frame)
        out = func(*args, **kwargs)
        if not rec.tape.flags[value] & TRACKED_OR_GRAD:
            return out
        if info.short in ASKING:
            rec.note(info, frame, Kind.ESCAPE, (value,))
        elif isinstance(out, (float, list, complex)) or is_array(out):
            call = rec.note(info, frame, Kind.ESCAPE, (value,))
            self.escapes.left(rec, out, rec.tape.order_of(call))
        return out

    def pickled(self, rec: Recorder, info: Info, frame: FrameType, tensor: Tensor) -> None:
        """Record that a tensor with a graph was pickled, as `torch.save` does: its values alone."""
        value = rec.value(tensor, frame)
        call = rec.note(info, frame, Kind.ESCAPE, (value,))
        self.escapes.saved(tensor, rec.tape.order_of(call))

    def unpickled(self, rec: Recorder, info: Info, frame: FrameType, made: Tensor, begin: int) -> None:
        """Record a tensor that was made of pickled values, where one that had a graph was pickled before."""
        ties = self.escapes.read_back(made, rec.tape.next_order)
        if ties:
            call = rec.open(
                info, frame, Kind.REENTRY, stack=True, tracking=tracking(requires=False, got=True)
            )
            rec.tape.flags[rec.make(made, ())] |= TRACKED
            rec.close(call, begin, sequence_number())
            rec.tape.ties.extend(ties)

    def reentry(
        self, rec: Recorder, info: Info, frame: FrameType, func: Function, args: Arguments, kwargs: Keywords
    ) -> Any:
        source = (
            args[-1] if info.short == "new_tensor" else args[0] if args else next(iter(kwargs.values()), None)
        )
        came = [rec.value(tensor, frame) for tensor in rec.tensors_in((source,), [])]
        begin = sequence_number()
        try:
            out = func(*args, **kwargs)
        except BaseException:
            rec.note(info, frame, Kind.RAISED, came)
            raise
        if isinstance(out, Tensor) and out is not source:
            self.reentered(rec, info, frame, source, came, out, begin)
        return out

    def reentered(
        self,
        rec: Recorder,
        info: Info,
        frame: FrameType,
        source: Any,
        came: list[int],
        out: Tensor,
        begin: int,
    ) -> None:
        """Record that `out` was made from what is not a tensor, or from a list of tensors."""
        tape = rec.tape
        ties = [] if came else self.escapes.came(rec, source, tape.next_order)
        marks = tracking(requires=out.requires_grad, got=bool(ties))
        # A plain constant is nobody's loss: where it stands is all that one may want to know of it.
        call = rec.open(info, frame, Kind.REENTRY, stack=bool(came or ties), tracking=marks)
        tape.inputs.extend(came)
        made = rec.make(out, came)
        rec.close(call, begin, sequence_number())
        if ties and not out.requires_grad:
            tape.flags[made] |= TRACKED
        tape.ties.extend(ties)

    def switch(
        self, rec: Recorder, info: Info, frame: FrameType, func: Function, args: Arguments, kwargs: Keywords
    ) -> Any:
        before = rec.mode_flags()
        out = func(*args, **kwargs)
        # Under a checkpoint all is off; what will be off there again is known by what is off already.
        if (rec.mode_flags() != before or rec.checkpoints) and not rec.quiet:
            rec.note(info, frame, Kind.SWITCH, detail=Switch.GRAD_ON if args and args[0] else Switch.GRAD_OFF)
        return out

    def flag(
        self, rec: Recorder, info: Info, frame: FrameType, func: Function, args: Arguments, kwargs: Keywords
    ) -> Any:
        tensor = args[0]
        value = rec.value(tensor, frame)
        before = tensor.requires_grad
        try:
            out = func(*args, **kwargs)
        except BaseException:
            rec.note(info, frame, Kind.RAISED, (value,))
            raise
        if tensor.requires_grad != before:
            begin = sequence_number()
            call = rec.open(info, frame, Kind.FLAG, stack=True)
            rec.tape.inputs.append(value)
            rec.tape.detail[call] = int(tensor.requires_grad)
            rec.make(tensor, (value,), same=value, leaf=True)  # no other tensor lets its flag be set
            rec.close(call, begin, begin)
        return out

    def read_grad(
        self, rec: Recorder, info: Info, frame: FrameType, func: Function, args: Arguments, kwargs: Keywords
    ) -> Any:
        out = func(*args)
        if out is not None:
            rec.grads[id(out)] = (weakref.ref(out), weakref.ref(args[0]))
        if rec.sites.is_user(frame.f_code):
            none = out is None
            kind = Kind.READ_GRAD if none else Kind.LOOKED
            rec.note(info, frame, kind, (rec.value(args[0], frame),), stack=none)
        return out

    def hook(
        self, rec: Recorder, info: Info, frame: FrameType, func: Function, args: Arguments, kwargs: Keywords
    ) -> Any:
        out = func(*args, **kwargs)
        rec.note(info, frame, Kind.HOOK, (rec.value(args[0], frame),))
        return out

    def set_grad(
        self, rec: Recorder, info: Info, frame: FrameType, func: Function, args: Arguments, kwargs: Keywords
    ) -> Any:
        had = rec.is_leaf(args[0]) and args[0].grad is not None
        rec.on_grads()
        out = func(*args)
        if (len(args) < 2 or args[1] is None) and had:
            self.clear(rec, info, frame, [args[0]])
        return out

    def clear(
        self,
        rec: Recorder,
        info: Info,
        frame: FrameType | None,
        tensors: Sequence[Tensor],
        row: Row | None = None,
    ) -> None:
        """Record that gradients were set to None or zeroed; in a row at one place it is one record.

        `row` is that of these tensors, where there is one.
        """
        tape = rec.tape
        assert frame is not None
        values = (row.current(tape) if row is not None else ()) or rec.values(tensors, frame)
        last = len(tape) - 1
        site = rec.sites.here(frame)
        if last >= 0 and tape.kind.get(last) is Kind.CLEAR and tape.keys[tape.key[last]][1] == site:
            tape.inputs.extend(values)
            tape.inputs_end[last] = len(tape.inputs)
            tape.detail[last] += len(values)
        else:
            rec.note(info, frame, Kind.CLEAR, values, detail=len(values), site=site)


def _is_zero(args: Arguments) -> bool:
    return len(args) > 1 and type(args[1]) in (int, float) and args[1] == 0
