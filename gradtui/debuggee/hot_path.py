"""The hot path: a TorchFunctionMode that puts one record on the tape for each torch call.

Everything here runs once a call of the user's program, so it is written for speed: what is looked up is
bound in a closure, what is rare is left to others, and no object is made that isn't needed: a garbage
collector that runs more often is what a recorder costs most by. Each call of a C function takes as long as a
dozen lines of Python, so the fewest are made; constants stand as numbers where a name would be looked up.
Nothing is asked of a tensor that would move or compute values, and `grad_fn` is never read: a graph that
Python has touched is released by recursion, which overflows the stack of a deep one.
"""

from __future__ import annotations

import operator
import sys
import weakref
from collections.abc import Callable, Sequence
from functools import reduce
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode

from gradtui.debuggee.call_outputs import several, written
from gradtui.debuggee.escapes import exact_floats
from gradtui.debuggee.functions import Act
from gradtui.debuggee.handled_call import handled
from gradtui.debuggee.marks import (
    AUTOCAST,
    BACKWARD,
    FLOATING,
    GOT_TRACKED,
    INFERENCE,
    LEAF,
    MADE_TRACKED,
    PARAMETER,
    REQUIRES_GRAD,
    TRACKED,
    TRACKED_OR_GRAD,
    VIEW,
)
from gradtui.debuggee.passive import (
    any_autocast,
    no_tensors,
    plain_shape,
    plain_tensors,
    sequence_number,
    shape_of,
    version_of,
)
from gradtui.debuggee.quiet import Quiet
from gradtui.debuggee.repeats import remember
from gradtui.debuggee.tape import MANY, Tape
from gradtui.model.columns import NONE
from gradtui.model.trace import CallFlag, Kind

if TYPE_CHECKING:
    from gradtui.debuggee.recorder import Recorder

FEW = 32
"""Tensors in a list up to which a look at each is as quick as one at all of them."""
NOTHING: tuple[None, None, int, int] = (None, None, 0, 0)
NEVER = -2
"""In the place of the version of a tensor that was never seen; -1 is of one that counts none."""

# The numbers that stand in the code below, as a name of the module takes a look into a dict each time:
#
#   act      0 PASS            1 OP
#   quiet    1 STEP
#   seen     1 REQUIRES_GRAD
#   flags    1 REQUIRES_GRAD   3 REQUIRES_GRAD and LEAF
#   mode     1 GRAD            2 INFERENCE    4 AUTOCAST   8 BACKWARD   16 MADE_TRACKED   32 GOT_TRACKED
#           17 GRAD and MADE_TRACKED
assert (Act.PASS, Act.OP) == (0, 1)
assert (Quiet.OFF, Quiet.STEP) == (0, 1)
assert (REQUIRES_GRAD, LEAF) == (1, 2)
assert (CallFlag.GRAD, CallFlag.INFERENCE, AUTOCAST, BACKWARD) == (1, 2, 4, 8)
assert (MADE_TRACKED, GOT_TRACKED) == (16, 32)

# Names of the module, as each that a closure holds costs something at every call.
get_frame, next_sequence, ref = sys._getframe, sequence_number, weakref.ref
grad_on, inference_on = torch.is_grad_enabled, torch.is_inference_mode_enabled


def mode_of(recorder: Recorder) -> TorchFunctionMode:
    """The mode that puts the calls of its thread on the tape of a recorder."""
    tape, sites = recorder.tape, recorder.sites
    infos, learn = recorder.functions.by_function, recorder.learn
    codes, through, here, stack_of = sites.codes, sites.through, sites.here, sites.stack
    of_module = sites.of_module
    modules, module_sites = recorder.modules, recorder.module_sites
    floats = recorder.floats
    refs: dict[int, Any] = tape.refs
    values = tape.values
    key_index, latest = tape.key_index, tape.latest
    keys, metas, inputs, made_nodes = tape.key, tape.meta, tape.inputs, tape.made
    versions, value_flags = tape.version, tape.flags
    aliases, storage_of = tape.aliases, tape.storage_of
    add_begin = tape.sequence_begin.append
    add_inputs, add_inputs_end = tape.inputs.fromlist, tape.inputs_end.append
    add_key = tape.key.append

    class Mode(TorchFunctionMode):
        """Records the thread it is entered in."""

        def __torch_function__(
            self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            info = infos.get(func)
            if info is None:
                info = learn(func)
            act = info.act
            # Questions to a tensor, `.shape` above all, are half of all calls.
            if act == 0 or (recorder.quiet and (recorder.quiet > 1 or not grad_on())):
                return func(*args, **kwargs) if kwargs else func(*args)
            frame = get_frame(1)
            if act != 1:
                return handled(recorder, info, frame, func, args, kwargs or {}, types)
            if tape.begun:  # an interrupt came while somebody else put a record on it
                tape.mend()
            # Flags of all inputs, their values, floats that had left torch, and what `out=` gave.
            seen, came = 0, []
            numbers = target = None
            try:
                for argument in args:
                    kind = type(argument)
                    # Not isinstance: `Parameter` answers that by a function in Python.
                    if kind is Tensor or kind is Parameter:
                        identity = id(argument)
                        known = refs.get(identity)
                        if known is not None and known() is argument:  # an id may be another one's by now
                            value = values[identity]
                            version = versions[value]
                            if version >= 0 and version != argument._version:
                                value = recorder.value(argument, frame)
                        else:
                            value = recorder.see(argument, frame)
                        seen |= value_flags[value]
                        came.append(value)
                    elif kind is int:
                        pass  # the commonest of all that are no tensors
                    elif kind is float:
                        if floats and id(argument) in floats:
                            numbers = [argument] if numbers is None else [*numbers, argument]
                    elif kind is list or kind is tuple:
                        # `cat` and `stack` may be given thousands of tensors.
                        if len(argument) > FEW:
                            known_all, common = known_values(tape, argument)
                            if known_all:
                                came.extend(known_all)
                                seen |= common
                                continue
                        for tensor in argument:  # once more what is done above
                            kind = type(tensor)
                            if kind is Tensor or kind is Parameter:
                                identity = id(tensor)
                                known = refs.get(identity)
                                value = values[identity] if known is not None and known() is tensor else NONE
                                version = versions[value] if value >= 0 else NEVER
                                if version == NEVER or (version >= 0 and version != tensor._version):
                                    value = recorder.value(tensor, frame)
                                seen |= value_flags[value]
                                came.append(value)
                            elif kind is not int:
                                for inner in recorder.tensors_in((tensor,), []):
                                    value = recorder.value(inner, frame)
                                    seen |= value_flags[value]
                                    came.append(value)
                    elif isinstance(argument, Tensor):
                        value = recorder.value(argument, frame)
                        seen |= value_flags[value]
                        came.append(value)
                    elif kind is slice:  # whose bounds may be tensors
                        for tensor in recorder.tensors_in((argument,), []):
                            value = recorder.value(tensor, frame)
                            seen |= value_flags[value]
                            came.append(value)
                if kwargs and not no_tensors.issuperset(map(type, kwargs.values())):
                    for tensor in recorder.tensors_in(kwargs.values(), []):
                        value = recorder.value(tensor, frame)
                        seen |= value_flags[value]
                        came.append(value)
                    target = kwargs.get("out")
            except Exception as error:  # a fault of ours mustn't become one of the program's
                recorder.failed(error)
                return func(*args, **kwargs) if kwargs else func(*args)
            except BaseException:
                tape.mend()
                raise

            # Nodes that the call makes get the numbers in between: that names them without touching them.
            begin = next_sequence()
            try:
                out = func(*args, **kwargs) if kwargs else func(*args)
            except BaseException:
                with recorder.contained:
                    recorder.note(info, frame, Kind.RAISED, came)
                raise

            try:
                kind = type(out)
                if kind is Tensor and target is None:
                    identity = id(out)
                    known = refs.get(identity)
                    if known is not None and known() is out:
                        # It gave back a tensor that exists already, as it was or written in place.
                        value = values[identity]
                        version = versions[value]
                        # One of inference mode counts no writes: there the function's name has to do.
                        same = version == out._version if version >= 0 else not info.writes
                        if same and out.requires_grad == (value_flags[value] & 1):
                            return out
                        call = written(recorder, info, frame, came, [out], begin, next_sequence())
                        if numbers is not None:
                            exact_floats(recorder, numbers, call)
                        if call >= recorder.tick_at:
                            recorder.tick(frame)
                        return out
                    # The innermost frame of user code; a place in it is looked up once, then it is a number.
                    code_id, lasti = id(frame.f_code), frame.f_lasti
                    if code_id not in through:
                        # Instructions lie in memory inside of their code: no two places have the same sum.
                        where = code_id + lasti
                        repeat = info.repeats.get(where)
                        if repeat is not None:
                            site = repeat.site
                        else:
                            code = codes.get(code_id)
                            known_site = None if code is None else code.sites.get(lasti)
                            site = here(frame) if known_site is None else known_site
                    else:
                        place = frame.f_back
                        while place is not None and id(place.f_code) in through:
                            place = place.f_back
                        code = None if place is None else codes.get(id(place.f_code))
                        if code is None or place is None:
                            where = site = here(frame)
                        elif code.user:
                            known_site = code.sites.get(place.f_lasti)
                            where = site = here(place) if known_site is None else known_site
                        else:
                            # A boundary: above it nothing moves while the module runs.
                            site = module_sites[-1]
                            if site < 0:
                                site = of_module(place.f_back, module_sites)
                            where = -2 - modules[-1] - (lasti << 20)
                        repeat = info.repeats.get(where)
                        if repeat is not None and repeat.site != site:
                            repeat = None
                    if (
                        repeat is not None
                        and seen & 1
                        and repeat.context == recorder.context
                        and repeat.same(out)
                        and (info.fresh or (next_sequence() > begin and out._is_view() == repeat.view))
                    ):
                        # Once more what was recorded here last: only the module may be another one. What
                        # autograd wraps makes as many nodes whenever its output requires grad; all else is
                        # asked.
                        if repeat.module != modules[-1]:
                            entry = (info.index, site, modules[-1], repeat.mode)
                            key = key_index.get(entry)
                            repeat.module = NONE - 1  # of neither, should an interrupt come now
                            repeat.key = tape.intern_key(entry) if key is None else key
                            repeat.module = modules[-1]
                        version, nodes = 0, repeat.made
                        if not info.fresh:
                            nodes, version = next_sequence() - begin, out._version
                            if repeat.shares:
                                aliases[len(metas)] = storage_of(came[0])
                        values[identity] = len(metas)
                        refs[identity] = ref(out)
                        add_inputs(came)
                        versions.append(version)
                        value_flags.append(repeat.flags)
                        add_inputs_end(len(inputs))
                        add_begin(begin)
                        made_nodes.append(nodes)
                        metas.append(repeat.meta)
                        add_key(repeat.key)
                        if numbers is not None:
                            exact_floats(recorder, numbers, len(keys) - 1)
                        if len(keys) > recorder.tick_at:
                            recorder.tick(frame)
                        return out
                    end = next_sequence()
                    requires = out.requires_grad
                    if requires and end > begin:
                        mode = 17 + recorder.context  # a node was made: gradients are on, and no inference
                    else:
                        mode = grad_on() + 2 * inference_on() + recorder.context + 16 * requires
                    if mode & 8 and any_autocast():
                        mode |= 4  # the engine sets what it was in forward, and tells nobody
                    if seen & 1:
                        mode |= 32
                    # What calls at one place have in common is one number on the tape.
                    entry = (info.index, site, modules[-1], mode)
                    key = key_index.get(entry)
                    if key is None:
                        key = tape.intern_key(entry)
                    call, fresh = len(keys), len(metas)
                    # What the last tensor of this shape was is compared sooner than a key of three is hashed.
                    try:
                        shape = out.shape
                    except RuntimeError:  # a nested tensor has none
                        shape = shape_of(out)
                    dtype, device, meta, flags = latest.get(shape, NOTHING)
                    if out.dtype is not dtype or out.device != device:
                        meta, flags = tape.meta_of(plain_shape(shape), out.dtype, out.device)
                    if requires and end > begin:
                        flags |= 1
                    elif requires:
                        # A node for what has no derivative gets no number.
                        flags |= 3 if out._is_view() or out.is_leaf else 1
                        if seen & 1:  # under `no_grad` a view of a leaf is one too
                            tape.stack[call] = stack_of(frame)
                    else:
                        flags |= LEAF
                        if seen & TRACKED_OR_GRAD:
                            flags |= TRACKED
                            if seen & 1 and flags & FLOATING:
                                tape.stack[call] = stack_of(frame)
                    if requires and end > begin and info.fresh:
                        version = 0
                    # Outside inference mode only a view of an inference tensor is one.
                    elif (mode & 2 or seen & INFERENCE) and out.is_inference():
                        flags |= INFERENCE
                        version = -1
                    else:
                        version = out._version
                        if out._is_view():
                            flags |= VIEW
                    view = flags & VIEW
                    shares = bool(came) and (info.alias or (view > 0 and info.views))
                    if shares:
                        aliases[fresh] = storage_of(came[0])
                    elif view and not info.own:
                        storage = recorder.storage_under(out)
                        if storage >= 0:
                            aliases[fresh] = storage
                    # Of a view whose memory has to be looked for each time nothing is gained.
                    if requires and end > begin and not mode & 8 and (shares or not view or info.own):
                        remember(info.repeats, where, out, end - begin, key, entry, meta, flags, shares)
                    values[identity] = fresh
                    refs[identity] = ref(out)
                    # All that can fail is done: now the columns grow, in the order that `mend` expects.
                    add_inputs(came)
                    versions.append(version)
                    value_flags.append(flags)
                    add_inputs_end(len(inputs))
                    add_begin(begin)
                    made_nodes.append(end - begin)
                    metas.append(meta)
                    add_key(key)
                    if numbers is not None:
                        exact_floats(recorder, numbers, call)
                    if call >= recorder.tick_at:
                        recorder.tick(frame)
                    return out

                made = recorder.tensors_in((out,), [])
                if not made:
                    return out
                call = several(recorder, info, frame, came, made, begin, next_sequence(), target)
                if numbers is not None and call != NONE:
                    exact_floats(recorder, numbers, call)
                if call >= recorder.tick_at:
                    recorder.tick(frame)
            except Exception as error:  # the same
                recorder.failed(error)
            except BaseException:
                tape.mend()
                raise
            return out

    return Mode()


def known_values(tape: Tape, tensors: Sequence[Any]) -> tuple[Sequence[int], int]:
    """The values of many tensors at once, in functions written in C, and all of their flags.

    No values where not all are as they were. Each look at something of a tensor waits for memory that lies
    far from that of the next, so the fewest are taken: as long as no parameter has died, an id of one can't
    be another's; and its version isn't read twice where nothing was written in between.
    """
    if not plain_tensors.issuperset(map(type, tensors)):
        return (), 0
    pick = itemgetter(*map(id, tensors))
    found: tuple[int, ...]
    try:
        found = pick(tape.values)
        pick_of_values = itemgetter(*found)
        flags = set(pick_of_values(tape.flags))
        parameters = all(map(PARAMETER.__and__, flags))
        if tape.died or not parameters:
            alive = map(operator.call, pick(tape.refs))
            if not all(map(operator.is_, alive, tensors)):
                return (), 0
        if tape.unwritten.get(found[0]) != found:
            if pick_of_values(tape.version) != tuple(map(version_of, tensors)):
                return (), 0
            if parameters and len(tensors) > MANY:
                tape.unwritten[found[0]] = found
    except (KeyError, RuntimeError):  # one that wasn't seen, or of inference mode, which counts no versions
        return (), 0
    return found, reduce(operator.or_, flags)
