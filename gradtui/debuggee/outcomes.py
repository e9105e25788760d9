"""What comes of a call that isn't one new tensor: several, subclasses of Tensor, those that were written."""

from __future__ import annotations

from itertools import compress
from types import FrameType
from typing import TYPE_CHECKING, Any
from weakref import ref

from torch import Tensor
from torch.nn import Parameter

from gradtui.debuggee.functions import Info
from gradtui.debuggee.marks import (
    FLOATING,
    INFERENCE,
    LEAF,
    PARAMETER,
    REQUIRES_GRAD,
    TRACKED,
    TRACKED_OR_GRAD,
    VIEW,
    tracking,
)
from gradtui.debuggee.passive import is_inference, shape_of
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
        return written(recorder, info, frame, came, targets, begin, end)
    known = [tape.value_of(tensor) for tensor in made]
    kind = Kind.OP
    if max(known) != NONE:
        # One of inference mode counts no writes: there the function's name has to do.
        moved = [changed(tape, tensor) or (info.writes and is_inference(tensor)) for tensor in made]
        made, known = [*compress(made, moved)], [*compress(known, moved)]
        if not made:
            return NONE
        if min(known) != NONE:
            return written(recorder, info, frame, came, made, begin, end)
        kind = Kind.OP if max(known) == NONE else Kind.WRITE
        tape.unwritten.clear()
    tracked = [tensor.requires_grad for tensor in made]
    requires, got = True in tracked, False
    for value in came:
        if tape.flags[value] & REQUIRES_GRAD:
            got = True
            break
    lost = (
        got
        and False in tracked
        and any(tensor.is_floating_point() and not tensor.requires_grad for tensor in made)
    )  # a cut, at least in part
    call = recorder.open(
        info, frame, kind, stack=lost or kind is Kind.WRITE, tracking=tracking(requires=requires, got=got)
    )
    tape.inputs.extend(came)
    if kind is Kind.OP:
        _new(recorder, came, made)
    else:
        for tensor, value in zip(made, known, strict=True):
            recorder.make(tensor, came, same=value)
    return recorder.close(call, begin, end)


def _new(recorder: Recorder, came: list[int], made: list[Tensor]) -> None:
    """As `Recorder.make` of each, of which none is known: of many parts all that is alike is asked once."""
    tape, base, storage = recorder.tape, None, NONE
    seen = 0
    for value in came:
        seen |= tape.flags[value]
    lost = LEAF | (TRACKED if seen & TRACKED_OR_GRAD else 0)
    for tensor in made:
        if type(tensor) is not Tensor or tensor.is_inference():
            recorder.make(tensor, came)
            continue
        meta, flags = tape.meta_of(shape_of(tensor), tensor.dtype, tensor.device)
        requires, lies = tensor.requires_grad, NONE
        flags |= REQUIRES_GRAD if requires else lost
        if tensor._is_view():
            flags |= VIEW
            if tensor._base is not base:
                base, storage = tensor._base, recorder.storage_under(tensor)
            lies = storage
        elif requires and tensor.is_leaf:
            flags |= LEAF
        identity, value = id(tensor), tape.enter(meta, tensor._version, flags, storage=lies)
        tape.refs[identity] = ref(tensor)
        tape.values[identity] = value


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
) -> int:
    """A call that wrote tensors: new values of them, and of the bases whose views they are."""
    tape = recorder.tape
    tape.unwritten.clear()
    if len(targets) == 1 and (call := _in_place(recorder, info, frame, came, targets[0], begin, end)) != NONE:
        return call
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
    return call


def _in_place(
    recorder: Recorder, info: Info, frame: FrameType, came: list[int], tensor: Tensor, begin: int, end: int
) -> int:
    """As `written` of one tensor that keeps its form and is no view, as nearly all do; NONE of any other."""
    tape, kind = recorder.tape, type(tensor)
    value = tape.value_of(tensor)
    if (kind is not Tensor and kind is not Parameter) or value == NONE or tape.begun:
        return NONE
    old, requires = tape.flags[value], tensor.requires_grad
    if old & (VIEW | INFERENCE) or tensor.is_inference() or tensor._is_view():
        return NONE
    if (shape_of(tensor), tensor.dtype, tensor.device) != tape.metas[tape.meta[value]]:
        return NONE
    seen = 0
    for given in came:
        seen |= tape.flags[given]
    # Whole numbers are written by counters, as of each batch norm: the line is all that one may want of that.
    call = recorder.open(
        info,
        frame,
        Kind.WRITE,
        stack=bool(old & FLOATING),
        tracking=tracking(requires=requires, got=bool(seen & REQUIRES_GRAD)),
    )
    if value not in came[:1]:
        tape.inputs.append(value)
    tape.inputs.extend(came)
    flags = old & (FLOATING | PARAMETER)
    if not requires:
        flags |= LEAF | (TRACKED if (seen | old) & TRACKED_OR_GRAD else 0)
    else:
        flags |= REQUIRES_GRAD | (LEAF if old & PARAMETER or tensor.is_leaf else 0)
    tape.values[id(tensor)] = tape.enter_written(value, tensor._version, flags, call)
    return recorder.close(call, begin, end)
