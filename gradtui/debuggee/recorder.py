"""The hot path: a TorchFunctionMode that puts one record on the tape for each torch call.

Everything here runs once a call of the user's program, so it is written for speed: what is looked up is
bound in a closure, what is rare is left to `special` functions, and no object is made that isn't needed.
Nothing is asked of a tensor that would move or compute values, and `grad_fn` is never read: a graph that
Python has touched is released by recursion, which overflows the stack of a deep one.
"""

from __future__ import annotations

import operator
import sys
import threading
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import compress
from operator import itemgetter
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode

from gradtui.debuggee.functions import Act, Functions, Info
from gradtui.debuggee.sites import Sites
from gradtui.debuggee.tape import TRACKED, Tape, version_of
from gradtui.model.columns import NONE
from gradtui.model.trace import CallFlag, Kind, ValueFlag

Handler = Callable[["Recorder", Info, FrameType, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]

REQUIRES_GRAD = int(ValueFlag.REQUIRES_GRAD)
LEAF = int(ValueFlag.LEAF)
PARAMETER = int(ValueFlag.PARAMETER)
INFERENCE = int(ValueFlag.INFERENCE)
FLOATING = int(ValueFlag.FLOATING)
VIEW = int(ValueFlag.VIEW)

FIRST_COMPACTION = 100_000
"""Calls at which the tape is compacted for the first time: some 12 MB."""
MADE_TRACKED, GOT_TRACKED = 16, 32
"""In the flags of a key, beside those of `CallFlag`: the output requires grad; an input does."""


class Call:
    """A call of the program's that a handler makes: afterwards it is known whose fault an error was."""

    __slots__ = ("done", "function", "out", "raised")

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.done = self.raised = False
        self.out: Any = None

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        try:
            self.out = self.function(*args, **kwargs)
        except BaseException:
            self.raised = True
            raise
        self.done = True
        return self.out


class Recorder:
    """Everything that is recorded of one thread, and the mode that records it."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.tape = Tape()
        self.functions = Functions()
        self.modules: list[int] = [NONE]
        """Stack of the modules whose forward is running, as numbers of `owners`."""
        self.module_sites: list[int] = [NONE]
        """Beside `modules`: where the user called them, NONE as long as nobody asked."""
        self.handlers: dict[Act, Handler] = {}
        self.floats: dict[int, tuple[float, int]] = {}
        """Python floats that left torch, by id: held, so that the id stays theirs, and by which call."""
        self.hooking: list[int] = []
        """Sequence numbers at which the hooks that are in force now were put in, outermost first."""
        self.hooked: list[tuple[int, int]] = []
        """Ranges of those handed out while saved-tensor hooks were in force: apart, and in order."""
        self.in_backward = 0
        self.quiet = 0
        """1 inside an optimizer's step: only what runs in grad mode is recorded, a closure; 2: nothing is."""
        self.aside = 0
        """The thread in which the mode is off for an optimizer's step; 0 where it isn't."""
        self.stepping: list[int] = []
        """Optimizers that are stepping, by id: torch also tells of a step within a step of the same one."""
        self.unseen: dict[str, None] = {}
        """Whole sentences about what couldn't be watched."""
        self.fault = ""
        """One sentence about what went wrong in the recording itself; empty where nothing did."""
        self.on_tick: Callable[[FrameType], None] = lambda _frame: None
        self.grow_at = FIRST_COMPACTION
        """Calls at which the tape is compacted."""
        self.on_full: Callable[[], None] = lambda: None
        self._seen = self.functions.named("")
        self._unseen_write = self.functions.named("unseen write", Act.WRITE)
        self.mode: TorchFunctionMode = _mode(self)

    def failed(self, error: Exception) -> None:
        """A fault of ours: from here on nothing is recorded, and the program runs as if we weren't there."""
        if not self.fault:
            entry = error.__traceback__
            while entry is not None and entry.tb_next is not None:
                entry = entry.tb_next
            place = f" in {entry.tb_frame.f_code.co_qualname}:{entry.tb_lineno}" if entry is not None else ""
            self.fault = (
                f"Recording ended early by a fault of gradtui's: {type(error).__name__}: {error}{place}."
            )
        self.functions.forget()
        self.tape.mend()

    def step_aside(self) -> None:
        """Take the mode off while an optimizer steps: each of its many small calls would pass through it."""
        depth = torch._C._len_torch_function_stack()
        # A mode that the program has put on top of ours isn't ours to take off.
        if depth and torch._C._get_function_stack_at(depth - 1) is self.mode:
            self.mode.__exit__(None, None, None)
            self.aside = threading.get_ident()

    def step_in(self) -> None:
        """Put the mode on again, in the thread in which it was taken off."""
        if self.aside == threading.get_ident():
            self.aside = 0
            self.mode.__enter__()

    def resume(self) -> None:
        """Go on after a step that raised, and so never said that it was over."""
        if self.aside == threading.get_ident():
            self.step_in()
            self.quiet = 0
            self.stepping.clear()

    def take_off(self) -> None:
        """Take the mode off for good."""
        if not self.aside:
            self.mode.__exit__(None, None, None)
        self.aside = 0

    def under_saved_hooks(self, sequence: int) -> bool:
        """Whether a node was made under saved-tensor hooks: reading what it saved would run user code."""
        if self.hooking and sequence >= self.hooking[0]:
            return True
        place = bisect_right(self.hooked, (sequence, sys.maxsize)) - 1
        return place >= 0 and sequence < self.hooked[place][1]

    # values

    def value(self, tensor: Tensor, frame: FrameType) -> int:
        """The value that a tensor holds now; what was not seen before gets a record of its own first."""
        tape = self.tape
        value = tape.value_of(tensor)
        if value == NONE:
            return self.see(tensor, frame)
        known = tape.version[value]
        if known >= 0 and known != tensor._version:
            return self._moved(tensor, value, frame)
        return value

    def see(self, tensor: Tensor, frame: FrameType | None) -> int:
        """Put a tensor on the tape that was never met: a SEEN record with it as output."""
        begin = sequence_number()
        call = self.open(self._seen, frame, Kind.SEEN)
        value = self.make(tensor, ())
        self.close(call, begin, begin)
        return value

    def _moved(self, tensor: Tensor, value: int, frame: FrameType) -> int:
        """A tensor's version moved behind its back: through an alias, or where nobody could see it."""
        tape = self.tape
        flags = tape.flags[value]
        writer = tape.writers.get(tape.storage[value], NONE)
        if writer == NONE and not flags & (REQUIRES_GRAD | TRACKED) and not tensor.requires_grad:
            tape.version[value] = tensor._version
            return value
        begin = sequence_number()
        call = self.open(self._unseen_write, frame, Kind.WRITE)
        inputs = [value]
        if writer != NONE:
            tape.key[call] = tape.key[writer]
            if writer in tape.stack:
                tape.stack[call] = tape.stack[writer]
            inputs.extend(tape.outputs(writer)[:1])
        tape.inputs.extend(inputs)
        made = self.make(tensor, inputs, same=value)
        self.close(call, begin, begin)
        return made

    def make(
        self,
        tensor: Tensor,
        inputs: Any,
        same: int = NONE,
        storage: int = NONE,
        *,
        leaf: bool = False,
    ) -> int:
        """A new value for a tensor, made by the call that was opened last."""
        tape = self.tape
        shape = (tensor.shape, tensor.dtype, tensor.device)
        meta = tape.meta_index.get(shape)
        if meta is None:
            meta = tape.intern_meta(shape)
        flags = tape.meta_flags[meta] | self._flags(tensor) | (LEAF if leaf else 0)
        if not flags & REQUIRES_GRAD:
            for value in inputs:
                if tape.flags[value] & (TRACKED | REQUIRES_GRAD):
                    flags |= TRACKED
                    break
        if same == NONE and storage == NONE and flags & VIEW:
            storage = self._storage(tensor)
        version = -1 if flags & INFERENCE else tensor._version
        number = tape.enter(meta, version, flags, same=same, storage=storage)
        tape.refs[id(tensor)] = weakref.ref(tensor)
        tape.values[id(tensor)] = number
        return number

    def _flags(self, tensor: Tensor) -> int:
        """All that is said of a tensor but what its dtype says already."""
        requires = tensor.requires_grad
        flags = REQUIRES_GRAD if requires else LEAF
        if tensor.is_inference():
            flags |= INFERENCE
        elif tensor._is_view():
            flags |= VIEW
        if is_parameter(tensor):
            flags |= PARAMETER | LEAF
        elif requires and self.is_leaf(tensor):
            flags |= LEAF
        return flags

    def is_leaf(self, tensor: Tensor) -> bool:
        """As `Tensor.is_leaf`, which isn't passive: for a view, after a write, it makes a node, or raises."""
        if not tensor.requires_grad or is_parameter(tensor):
            return True
        if tensor.is_inference() or not tensor._is_view():
            return tensor.is_leaf
        value = self.tape.value_of(tensor)
        return value != NONE and bool(
            self.tape.flags[value] & LEAF and self.tape.flags[value] & REQUIRES_GRAD
        )

    def leaves(self, tensors: Sequence[Tensor]) -> list[bool]:
        """As `is_leaf` of each, in functions written in C where these will do."""
        if {Parameter}.issuperset(map(type, tensors)):
            return [True] * len(tensors)
        if plain_tensors.issuperset(map(type, tensors)) and not any(map(is_view, tensors)):
            return list(map(leaf_flag, tensors))
        return list(map(self.is_leaf, tensors))

    def _storage(self, view: Tensor) -> int:
        base = view._base
        known = NONE if base is None else self.tape.value_of(base)
        return NONE if known == NONE else self.tape.storage_of(known)

    # calls

    def open(
        self,
        info: Info,
        frame: FrameType | None,
        kind: Kind,
        *,
        stack: bool = False,
        site: int | None = None,
        tracking: int = 0,
    ) -> int:
        """Begin a record. What goes in is appended to `tape.inputs` and values are made before `close`."""
        tape = self.tape
        key = (
            info.index,
            self.sites.here(frame) if site is None else site,
            self.modules[-1],
            self.mode_flags() | tracking,
        )
        index = tape.key_index.get(key)
        if index is None:
            index = tape.intern_key(key)
        call = tape.open(index)
        if kind is not Kind.OP:
            tape.kind[call] = kind
        if stack:
            tape.stack[call] = self.sites.stack(frame)
        return call

    def close(self, call: int, begin: int, end: int) -> int:
        tape = self.tape
        tape.sequence_begin.append(begin)
        tape.sequence_end.append(end)
        tape.inputs_end.append(len(tape.inputs))
        return call

    def note(
        self,
        info: Info,
        frame: FrameType | None,
        kind: Kind,
        inputs: Any = (),
        *,
        detail: int = 0,
        stack: bool = True,
        site: int | None = None,
    ) -> int:
        """A whole record that makes no value: a switch, an escape, a stop."""
        begin = sequence_number()
        call = self.open(info, frame, kind, stack=stack, site=site)
        self.tape.inputs.extend(inputs)
        if detail:
            self.tape.detail[call] = detail
        return self.close(call, begin, begin)

    def mode_flags(self) -> int:
        flags = int(CallFlag.GRAD) if torch.is_grad_enabled() else 0
        if torch.is_inference_mode_enabled():
            flags |= CallFlag.INFERENCE
        if any_autocast():
            flags |= CallFlag.AUTOCAST
        return flags | CallFlag.BACKWARD if self.in_backward else flags

    def tensors_in(self, arguments: Any, found: list[Tensor], depth: int = 3) -> list[Tensor]:
        """Tensors among arguments, also inside lists, tuples and dicts."""
        for item in arguments:
            if isinstance(item, Tensor):
                found.append(item)
            elif depth and isinstance(item, (list, tuple)):
                self.tensors_in(item, found, depth - 1)
            elif depth and isinstance(item, dict):
                self.tensors_in(item.values(), found, depth - 1)
        return found


FEW = 32
"""Tensors in a list up to which a look at each is as quick as one at all of them."""
plain_tensors = frozenset((Tensor, Parameter))
is_view, leaf_flag = Tensor._is_view, operator.attrgetter("is_leaf")
sequence_number: Callable[[], int] = torch._C._autograd._get_sequence_nr
any_autocast: Callable[[], bool] = torch._C._is_any_autocast_enabled


def _mode(recorder: Recorder) -> TorchFunctionMode:
    """The mode itself. See the module's docstring for why it is written as it is."""
    tape, sites = recorder.tape, recorder.sites
    infos, learn = recorder.functions.by_function, recorder.functions.learn
    codes, here, stack_of = sites.codes, sites.here, sites.stack
    modules, module_sites = recorder.modules, recorder.module_sites
    floats, handlers = recorder.floats, recorder.handlers
    refs: dict[int, Any] = tape.refs
    values, ref = tape.values, weakref.ref
    key_index, meta_index, meta_flags = tape.key_index, tape.meta_index, tape.meta_flags
    keys, metas, inputs = tape.key, tape.meta, tape.inputs
    versions, value_flags = tape.version, tape.flags
    aliases, storage_of = tape.aliases, tape.storage_of
    add_key, add_begin, add_end = tape.key.append, tape.sequence_begin.append, tape.sequence_end.append
    add_inputs_end, add_meta = tape.inputs_end.append, tape.meta.append
    add_version, add_flags = tape.version.append, tape.flags.append
    get_frame, next_sequence = sys._getframe, sequence_number
    grad_on, inference_on, autocast_on = (
        torch.is_grad_enabled,
        torch.is_inference_mode_enabled,
        any_autocast,
    )
    tracked_or_grad = TRACKED | REQUIRES_GRAD
    # Marks a float consumed by a call whose number isn't known yet.
    from gradtui.debuggee.ties import exact_float

    class Mode(TorchFunctionMode):
        """Records the thread it is entered in."""

        def __torch_function__(
            self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            info = infos.get(func)
            if info is None:
                info = learn(func)
            act = info.act
            if act == 0 or (recorder.quiet and (recorder.quiet > 1 or not grad_on())):
                return func(*args, **kwargs) if kwargs else func(*args)
            frame = get_frame(1)
            place: FrameType | None
            if act != 1:
                special = Call(func)
                try:
                    return handlers[act](recorder, info, frame, special, args, kwargs or {})
                except Exception as error:
                    if special.raised:
                        raise
                    recorder.failed(error)
                    return special.out if special.done else func(*args, **(kwargs or {}))
                except BaseException:  # an interrupt: the program may catch it and go on
                    tape.mend()
                    raise
            seen, came, numbers, target = 0, [], None, None
            try:
                for argument in args:
                    kind = type(argument)
                    if kind is Tensor or kind is Parameter:
                        identity = id(argument)
                        known = refs.get(identity)
                        if known is not None and known() is argument:
                            value = values[identity]
                            version = versions[value]
                            if version >= 0 and version != argument._version:
                                value = recorder.value(argument, frame)
                        else:
                            value = recorder.see(argument, frame)
                        seen |= value_flags[value]
                        came.append(value)
                    elif kind is float:
                        if floats and id(argument) in floats:
                            numbers = [argument] if numbers is None else [*numbers, argument]
                    elif kind is list or kind is tuple:
                        # `cat` and `stack` may be given thousands of tensors.
                        known_all = known_values(tape, argument) if len(argument) > FEW else ()
                        if known_all:
                            came.extend(known_all)
                            for value_flag in set(itemgetter(*known_all)(value_flags)):
                                seen |= value_flag
                            continue
                        for tensor in argument:  # once more what is done above
                            kind = type(tensor)
                            if kind is Tensor or kind is Parameter:
                                identity = id(tensor)
                                known = refs.get(identity)
                                value = values[identity] if known is not None and known() is tensor else NONE
                                if value < 0 or versions[value] != tensor._version:
                                    value = recorder.value(tensor, frame)
                                seen |= value_flags[value]
                                came.append(value)
                            elif kind is not int:
                                for inner in recorder.tensors_in((tensor,), []):
                                    value = recorder.value(inner, frame)
                                    seen |= value_flags[value]
                                    came.append(value)
                    elif kind is int:
                        pass  # the commonest of all that are no tensors: the question below takes a while
                    elif isinstance(argument, Tensor):
                        value = recorder.value(argument, frame)
                        seen |= value_flags[value]
                        came.append(value)
                if kwargs:
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

            begin = next_sequence()
            try:
                out = func(*args, **kwargs) if kwargs else func(*args)
            except BaseException:
                recorder.note(info, frame, Kind.RAISED, came)
                raise
            end = next_sequence()

            try:
                kind = type(out)
                if kind is Tensor and target is None:
                    identity = id(out)
                    known = refs.get(identity)
                    if known is not None and known() is out:
                        # It gave back a tensor that exists already, as it was or written in place.
                        value = values[identity]
                        version = versions[value]
                        if (version < 0 or version == out._version) and out.requires_grad == (
                            value_flags[value] & 1
                        ):
                            return out
                        _written(recorder, info, frame, came, [out], begin, end)
                        return out
                    requires = out.requires_grad
                    if requires and end > begin:
                        mode = 17 + 4 * autocast_on()  # a node was made: gradients are on, and no inference
                    else:
                        mode = grad_on() + 2 * inference_on() + 4 * autocast_on() + 16 * requires
                    if recorder.in_backward:
                        mode |= 8
                    if seen & 1:
                        mode |= 32
                    # the innermost frame of user code
                    place = frame
                    while place is not None:
                        code = codes.get(id(place.f_code))
                        if code is None:
                            site = here(place)
                            break
                        if code.user:
                            known_site = code.sites.get(place.f_lasti)
                            site = here(place) if known_site is None else known_site
                            break
                        if code.boundary:
                            # Above it nothing moves while the module runs: looked up once a module call.
                            site = module_sites[-1]
                            if site < 0:
                                site = module_sites[-1] = here(place.f_back)
                            break
                        place = place.f_back
                    else:
                        site = here(frame)
                    entry = (info.index, site, modules[-1], mode)
                    key = key_index.get(entry)
                    if key is None:
                        key = tape.intern_key(entry)
                    call, fresh = len(keys), len(metas)
                    # the value
                    shape = (out.shape, out.dtype, out.device)
                    meta = meta_index.get(shape)
                    if meta is None:
                        meta = tape.intern_meta(shape)
                    flags = meta_flags[meta]
                    if requires:
                        flags |= 1 if end > begin else 3
                    else:
                        flags |= LEAF
                        if seen & tracked_or_grad:
                            flags |= TRACKED
                            if seen & 1 and flags & FLOATING:
                                tape.stack[call] = stack_of(frame)
                    # Outside inference mode only a view of an inference tensor is one.
                    if (mode & 2 or seen & INFERENCE) and out.is_inference():
                        flags |= INFERENCE
                        version = -1
                    else:
                        version = out._version
                        if out._is_view():
                            flags |= VIEW
                            storage = recorder._storage(out)
                            if storage >= 0:
                                aliases[fresh] = storage
                    if info.alias and came:
                        aliases[fresh] = storage_of(came[0])
                    values[identity] = fresh
                    refs[identity] = ref(out)
                    # All that can fail is done: now the columns grow, in the order that `mend` expects.
                    # An array takes another one as it is, and a list item by item.
                    inputs.extend(came if len(came) < FEW else array("i", came))
                    add_version(version)
                    add_flags(flags)
                    add_inputs_end(len(inputs))
                    add_begin(begin)
                    add_end(end)
                    add_meta(meta)
                    add_key(key)
                    if numbers is not None:
                        for number in numbers:
                            exact_float(recorder, number, call)
                    if not call & 63:
                        recorder.on_tick(frame)
                        if call > recorder.grow_at:
                            recorder.on_full()
                    return out

                made = recorder.tensors_in((out,), [])
                if not made:
                    return out
                call = _several(recorder, info, frame, came, made, begin, end, target)
                if numbers is not None and call != NONE:
                    for number in numbers:
                        exact_float(recorder, number, call)
            except Exception as error:  # the same
                recorder.failed(error)
            except BaseException:
                tape.mend()
                raise
            return out

    return Mode()


def known_values(tape: Tape, tensors: Sequence[Any]) -> Sequence[int]:
    """The values of many tensors at once, in functions written in C; empty where not all are as they were."""
    if not plain_tensors.issuperset(map(type, tensors)):
        return ()
    found = tape.values_of(tensors)
    if min(found) == NONE:
        return ()
    try:
        same = itemgetter(*found)(tape.version) == tuple(map(version_of, tensors))
    except RuntimeError:  # one of inference mode, which counts no versions
        return ()
    return found if same else ()


def _several(
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
        _written(recorder, info, frame, came, targets, begin, end)
        return len(tape.key) - 1
    known = [tape.value_of(tensor) for tensor in made]
    kind = Kind.OP
    if max(known) != NONE:
        changed = [_changed(tape, tensor) for tensor in made]
        made, known = [*compress(made, changed)], [*compress(known, changed)]
        if not made:
            return NONE
        kind = Kind.OP if max(known) == NONE else Kind.WRITE
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


def is_parameter(tensor: Tensor) -> bool:
    """As isinstance: for `Parameter` that is a function in Python, and asked of each tensor that is met."""
    kind = type(tensor)
    return kind is Parameter or (kind is not Tensor and isinstance(tensor, Parameter))


def _changed(tape: Tape, tensor: Tensor) -> bool:
    value = tape.value_of(tensor)
    if value == NONE:
        return True
    version = tape.version[value]
    return (version >= 0 and version != tensor._version) or tensor.requires_grad != bool(
        tape.flags[value] & REQUIRES_GRAD
    )


def tracking(*, requires: bool, got: bool) -> int:
    """What a call's key says of tracking: so that whatever is new in it is new wherever it is recorded."""
    return (MADE_TRACKED if requires else 0) | (GOT_TRACKED if got else 0)


def _written(
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
    marks = tracking(
        requires=any(tensor.requires_grad for tensor in targets),
        got=any(tape.flags[value] & REQUIRES_GRAD for value in came),
    )
    call = recorder.open(info, frame, Kind.WRITE, stack=True, tracking=marks)
    old = [tape.value_of(tensor) for tensor in targets]
    tape.inputs.extend([value for value in old if value != NONE and value not in came[:1]])
    tape.inputs.extend(came)
    for tensor, value in zip(targets, old, strict=True):
        made = recorder.make(tensor, [*came, value] if value != NONE else came, same=value)
        tape.writers[tape.storage[made]] = call
    known = {id(tensor) for tensor in targets}  # tensors compare elementwise
    for tensor in targets:
        base = None if tensor.is_inference() else tensor._base
        if base is not None and id(base) not in known:
            value = tape.value_of(base)
            if value != NONE:
                tape.inputs.append(value)
                recorder.make(base, [*came, value], same=value)
    recorder.close(call, begin, end)
