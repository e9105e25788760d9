"""What comes of a call that isn't one new tensor: several, subclasses of Tensor, those that were written."""

from __future__ import annotations

from itertools import compress
from types import FrameType
from typing import TYPE_CHECKING, Any

from torch import Tensor

from gradtui.debuggee.functions import Info
from gradtui.debuggee.marks import REQUIRES_GRAD, tracking
from gradtui.debuggee.passive import is_inference
from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE
from gradtui.model.trace import Kind

if TYPE_CHECKING:
    from gradtui.debuggee.recorder import Recorder


def several(
    recorder: Recorder,
    info: Info,
    frame: FrameType,
    came: list[int],
    made: list[Tensor],
    begin: int,
    end: int,
    target: Any,
) -> int:
    """A call that gave several tensors, a subclass of Tensor, or wrote where `out=` said."""
    tape = recorder.tape
    if target is not None:
        targets = recorder.tensors_in((target,), [])
        written(recorder, info, frame, came, targets, begin, end)
        return len(tape.key) - 1
    known = [tape.value_of(tensor) for tensor in made]
    kind = Kind.OP
    if max(known) != NONE:
        moved = [changed(tape, tensor) for tensor in made]
        made, known = [*compress(made, moved)], [*compress(known, moved)]
        if not made:
            return NONE
        kind = Kind.OP if max(known) == NONE else Kind.WRITE
        tape.unwritten.clear()
    tracked = [tensor.requires_grad for tensor in made]
    requires, got = any(tracked), False
    for value in came:
        if tape.flags[value] & REQUIRES_GRAD:
            got = True
            break
    lost = (
        got
        and not all(tracked)
        and any(tensor.is_floating_point() and not tensor.requires_grad for tensor in made)
    )  # a cut, at least in part
    call = recorder.open(
        info, frame, kind, stack=lost or kind is Kind.WRITE, tracking=tracking(requires=requires, got=got)
    )
    tape.inputs.extend(came)
    for tensor, value in zip(made, known, strict=True):
        recorder.make(tensor, came, same=value)
    recorder.close(call, begin, end)
    return call


def changed(tape: Tape, tensor: Tensor) -> bool:
    value = tape.value_of(tensor)
    if value == NONE:
        return True
    version = tape.version[value]
    return (version >= 0 and version != tensor._version) or tensor.requires_grad != bool(
        tape.flags[value] & REQUIRES_GRAD
    )


def written(
    recorder: Recorder,
    info: Info,
    frame: FrameType,
    came: list[int],
    targets: list[Tensor],
    begin: int,
    end: int,
) -> None:
    """A call that wrote tensors: new values of them, and of the bases whose views they are."""
    tape = recorder.tape
    tape.unwritten.clear()
    marks = tracking(
        requires=any(tensor.requires_grad for tensor in targets),
        got=any(tape.flags[value] & REQUIRES_GRAD for value in came),
    )
    # Whole numbers are written by counters, as of each batch norm: the line is all that one may want of that.
    deep = any(tensor.dtype.is_floating_point or tensor.dtype.is_complex for tensor in targets)
    call = recorder.open(info, frame, Kind.WRITE, stack=deep, tracking=marks)
    old = [tape.value_of(tensor) for tensor in targets]
    tape.inputs.extend([value for value in old if value != NONE and value not in came[:1]])
    tape.inputs.extend(came)
    for tensor, value in zip(targets, old, strict=True):
        made = recorder.make(tensor, [*came, value] if value != NONE else came, same=value)
        tape.writers[tape.storage[made]] = call
    known = {id(tensor) for tensor in targets}  # tensors compare elementwise
    for tensor in targets:
        base = None if is_inference(tensor) else tensor._base
        if base is not None and id(base) not in known:
            value = tape.value_of(base)
            if value != NONE:
                tape.inputs.append(value)
                recorder.make(base, [*came, value], same=value)
    recorder.close(call, begin, end)
