"""What comes of a call that isn't one new tensor: several, subclasses of Tensor, those that were written."""

from __future__ import annotations

from contextlib import nullcontext
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
    REQUIRES_GRAD,
    TRACKED,
    TRACKED_OR_GRAD,
    VIEW,
    tracking,
)
from gradtui.debuggee.passive import is_inference, plain_tensors, shape_of, unasked
from gradtui.debuggee.tape import Meta, Tape
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
    plain = plain_tensors.issuperset(map(type, made))
    with nullcontext() if plain else unasked():
        tape = recorder.tape
        if target is not None:
            targets = recorder.tensors_in((target,), [])
            return written(recorder, info, frame, came, targets, begin, end)
        if info.each and len(made) == len(came) > 1:
            return _each(recorder, info, frame, came, made, begin, end)
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


def _each(
    recorder: Recorder,
    info: Info,
    frame: FrameType,
    came: list[int],
    made: list[Tensor],
    begin: int,
    end: int,
) -> int:
    """As many calls: each result is made of the one argument that stands in its place, and of no other."""
    fresh = [
        (value, tensor)
        for value, tensor in zip(came, made, strict=True)
        if recorder.tape.value_of(tensor) != value  # else it is given back as it is
    ]
    tracked = sum(tensor.requires_grad for _, tensor in fresh)
    nodes = (end - begin) // tracked if tracked else 0
    call = NONE
    for value, tensor in fresh:
        after = begin + nodes * tensor.requires_grad
        call = several(recorder, info, frame, [value], [tensor], begin, after, None)
        begin = after
    return call


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
    seen = 0
    for value in came:
        seen |= tape.flags[value]
    requires = True in [tensor.requires_grad for tensor in targets]
    # Whole numbers are written by counters, as of each batch norm: the line is all that one may want of that.
    deep = True in [tensor.dtype.is_floating_point or tensor.dtype.is_complex for tensor in targets]
    marks = tracking(requires=requires, got=bool(seen & REQUIRES_GRAD))
    call = recorder.open(info, frame, Kind.WRITE, stack=deep, tracking=marks)
    old = [tape.value_of(tensor) for tensor in targets]
    tape.inputs.extend([value for value in old if value != NONE and value not in came[:1]])
    tape.inputs.extend(came)
    others: list[Tensor] = []
    for tensor, value in zip(targets, old, strict=True):
        flags = recorder.flags_of(tensor)
        # Nearly all are no views and keep their form: then all else is as it was.
        if (
            value != NONE
            and not (flags | tape.flags[value]) & (VIEW | INFERENCE)
            and _as_it_was(tape.metas[tape.meta[value]], tensor)
        ):
            if not flags & REQUIRES_GRAD and (seen | tape.flags[value]) & TRACKED_OR_GRAD:
                flags |= TRACKED
            flags |= tape.flags[value] & FLOATING
            tape.values[id(tensor)] = tape.enter_written(value, tensor._version, flags, call)
        else:
            made = recorder.make(tensor, [*came, value] if value != NONE else came, same=value)
            tape.writers[tape.storage[made]] = call
            others.append(tensor)
    known = {id(tensor) for tensor in targets} if others else ()  # tensors compare elementwise
    for tensor in others:
        base = None if is_inference(tensor) else tensor._base
        if base is not None and id(base) not in known:
            value = tape.value_of(base)
            if value != NONE:
                tape.inputs.append(value)
                recorder.make(base, [*came, value], same=value)
    return recorder.close(call, begin, end)


def _as_it_was(meta: Meta, tensor: Tensor) -> bool:
    """Whether a plain tensor has this shape, dtype and device still."""
    kind = type(tensor)
    return (kind is Tensor or kind is Parameter) and meta == (shape_of(tensor), tensor.dtype, tensor.device)
