"""The recorder of one thread: how values and calls are put on the tape where the hot path does not do it."""

from __future__ import annotations

import sys
import threading
import weakref
from bisect import bisect_right
from collections.abc import Callable, Sequence
from types import CodeType, FrameType
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode

from gradtui.debuggee.containing import Contained
from gradtui.debuggee.functions import Act, Functions, Info
from gradtui.debuggee.handled_call import Handler
from gradtui.debuggee.hot_path import known_values, mode_of
from gradtui.debuggee.interrupts import uninterrupted
from gradtui.debuggee.marks import (
    AUTOCAST,
    BACKWARD,
    INFERENCE,
    LEAF,
    PARAMETER,
    REQUIRES_GRAD,
    TRACKED,
    TRACKED_OR_GRAD,
    VIEW,
)
from gradtui.debuggee.optimizer_grads import OptimizerGrads
from gradtui.debuggee.passive import (
    any_autocast,
    is_parameter,
    is_unfilled,
    is_view,
    leaf_flag,
    no_tensors,
    plain_tensors,
    sequence_number,
    shape_of,
    unasked,
)
from gradtui.debuggee.quiet import Quiet
from gradtui.debuggee.reached import Clearing
from gradtui.debuggee.sites import UNKNOWN, Sites
from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE
from gradtui.model.trace import CallFlag, Kind
from gradtui.model.unseen import Unseen, broken_off

FIRST_COMPACTION = 100_000
"""Weight of the tape, in calls, at which it is compacted for the first time: some 12 MB."""
TICK = 64
"""Calls between two looks at the clock."""

# As a mode's `__enter__` and `__exit__`, but in C: no interrupt comes between a line and such a call.
push_mode, pop_mode = torch._C._push_on_torch_function_stack, torch._C._pop_torch_function_stack


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
        self.grads: dict[int, tuple[Any, Any]] = {}
        """Weak references to a gradient and the tensor whose it is, by the gradient's id."""
        self.floats: dict[int, tuple[float, int]] = {}
        """Python floats that left torch, by id: held, so that the id stays theirs, and by which call."""
        self.hooking: list[int] = []
        """Sequence numbers at which the hooks that are in force now were put in, outermost first."""
        self.hooked: list[tuple[int, int]] = []
        """Ranges of those handed out while saved-tensor hooks were in force: apart, and in order."""
        self.checkpoints = 0
        """Reentrant checkpoints whose forward is running, one inside of the other."""
        self.context = AUTOCAST * any_autocast()
        """AUTOCAST where autocast is on in this thread, for any device: to ask torch of each call is slow.
        And BACKWARD while the engine runs."""
        self.quiet = Quiet.OFF
        """How much of what runs isn't recorded."""
        self.aside = 0
        """The thread in which the mode is off for an optimizer's step; 0 where it isn't."""
        self.freed_until = 0
        """The order up to which graphs may have been freed: where the last backward that keeps none began."""
        self.freed_before = 0
        """The same as it stood before the last backward."""
        self.optimizer_grads = OptimizerGrads()
        self.stepping: list[int] = []
        """Optimizers that are stepping, by id: torch also tells of a step within a step of the same one."""
        self.stepping_in = 0
        """The thread in which they are."""
        self.step_code: CodeType | None = None
        """What runs an optimizer's step between its hooks, as torch has it."""
        self.unseen: dict[Unseen, None] = {}
        """What couldn't be watched."""
        self.contained = Contained(self.failed)
        """Around what is done for the recording alone, outside of the calls that are recorded."""
        self.fault = ""
        """What went wrong in the recording itself, in a few words; empty where nothing did."""
        self.tick_at = TICK
        """Calls on the tape at which the program is told to be there, and the viewer is heard."""
        self.on_tick: Callable[[FrameType], None] = lambda _frame: None
        self.grow_at = FIRST_COMPACTION
        """The weight at which the tape is compacted."""
        self.room_at = 0
        """Calls for which there is room on the tape."""
        self.on_full: Callable[[], None] = lambda: None
        self.on_grads: Callable[[], None] = lambda: None
        """Called when gradients may be about to change otherwise than by backward; not while a mode is on."""
        self.on_clearing: Callable[[Sequence[Tensor]], Clearing] = lambda _: Clearing((), None, lambda: None)
        """Called when all of these are about to lose theirs."""
        self._seen = self.functions.named("")
        self._unseen_write = self.functions.named("unseen write", Act.WRITE)
        self.mode: TorchFunctionMode = mode_of(self)

    def failed(self, error: Exception) -> None:
        """A fault of ours: from here on nothing is recorded, and the program runs as if we weren't there."""
        if not self.fault:
            entry = error.__traceback__
            while entry is not None and entry.tb_next is not None:
                entry = entry.tb_next
            place = f" in {entry.tb_frame.f_code.co_qualname}:{entry.tb_lineno}" if entry is not None else ""
            self.fault = f"{type(error).__name__}: {error}{place}"
            self.unseen[broken_off(self.fault)] = None
        self.functions.forget()
        self.tape.mend()

    def learn(self, function: Callable[..., Any]) -> Info:
        """What is known of a function that was never called before."""
        with self.contained:
            return self.functions.learn(function)
        return self.functions.learn(function)  # all are alike to it after a fault

    def tick(self, frame: FrameType) -> None:
        """Every so many calls, between two of them: the numbers of all that is on the tape may change."""
        self.tick_at = len(self.tape) + TICK
        self.on_tick(frame)
        full = self.tape.weight > self.grow_at
        if full or len(self.tape) > self.room_at:
            with uninterrupted():  # half of its columns changed, a tape could never be mended
                if full:
                    self.on_full()
                self.room_at = self.tape.make_room()
            self.tick_at = len(self.tape) + TICK

    def sequence(self) -> int:
        """The number that the next node gets. Each thread counts its own: on the tape they only rise."""
        tape = self.tape
        last = tape.sequence_begin[-1] + tape.made[-1] if tape.made else 0
        return max(sequence_number(), last)

    @property
    def in_backward(self) -> bool:
        return bool(self.context & BACKWARD)

    @property
    def is_on_top(self) -> bool:
        """Whether the mode is the innermost: one that the program has put on top isn't ours to take off."""
        depth = torch._C._len_torch_function_stack()
        return depth > 0 and torch._C._get_function_stack_at(depth - 1) is self.mode

    @property
    def is_alone(self) -> bool:
        """Whether the mode is the only one that is on."""
        return torch._C._len_torch_function_stack() == 1 and torch._C._get_function_stack_at(0) is self.mode

    def step_aside(self) -> None:
        """Take the mode off while an optimizer steps: each of its many small calls would pass through it."""
        if self.is_on_top:
            self.aside = threading.get_ident()
            pop_mode()

    def step_in(self) -> None:
        """Put the mode on again, in the thread in which it was taken off.

        To be called last of what ends a step: once it is on, an interrupt leaves nothing for `resume` to do.
        """
        if self.aside == threading.get_ident():
            self.aside = 0
            push_mode(self.mode)

    def resume(self) -> None:
        """Go on after a step that raised, and so never said that it was over."""
        if self.aside == threading.get_ident():
            self.quiet = Quiet.OFF  # what it was before the step
            self.stepping.clear()
            self.step_in()
        elif self.stepping:
            self.forget_steps(0)

    def forget_steps(self, beginning: int) -> None:
        """Of steps that raised nobody has said that they ended: only those are running that are on the stack.
        So many of these are only about to begin."""
        if self.quiet is Quiet.ALL or self.stepping_in != threading.get_ident():
            return
        running, frame = -beginning, sys._getframe(1)
        while frame is not None and frame.f_back is not None:
            frame = frame.f_back
            running += frame.f_code is self.step_code
        if running < len(self.stepping):
            del self.stepping[max(running, 0) :]
            if not self.stepping:
                self.quiet = Quiet.OFF  # the outermost of them would have put it back to that

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
        if type(tensor) in plain_tensors:
            return self._value(tensor, frame)
        with unasked():
            return self._value(tensor, frame)

    def _value(self, tensor: Tensor, frame: FrameType) -> int:
        tape = self.tape
        value = tape.value_of(tensor)
        if value == NONE:
            return self.see(tensor, frame)
        known = tape.version[value]
        if known >= 0 and known != tensor._version:
            return self._moved(tensor, value, frame)
        return value

    def values(self, tensors: Sequence[Tensor], frame: FrameType) -> Sequence[int]:
        """As `value` of each, in functions written in C where all are as they were seen last."""
        known, _ = known_values(self.tape, tensors) if len(tensors) > 1 else ((), 0)
        return known or [self.value(tensor, frame) for tensor in tensors]

    def see(self, tensor: Tensor, frame: FrameType | None) -> int:
        """Put a tensor on the tape that was never met: a SEEN record with it as output."""
        owner = self.owner_of_grad(tensor) if self.grads else None
        of = NONE if owner is None else self.tape.value_of(owner)
        begin = self.sequence()
        call = self.open(self._seen, frame, Kind.SEEN)
        if of != NONE:
            self.tape.inputs.append(of)
        value = self.make(tensor, ())
        self.close(call, begin, begin)
        return value

    def owner_of_grad(self, tensor: object) -> Tensor | None:
        """The tensor that this is the gradient of, as far as the program has read it there."""
        known = self.grads.get(id(tensor))
        if known is None or known[0]() is not tensor:
            return None
        owner: Tensor | None = known[1]()
        return owner

    def _moved(self, tensor: Tensor, value: int, frame: FrameType) -> int:
        """A tensor's version moved behind its back: through an alias, or where nobody could see it."""
        tape = self.tape
        tape.unwritten.clear()
        flags = tape.flags[value]
        writer = tape.writers.get(tape.storage[value], NONE)
        if writer == NONE and not flags & TRACKED_OR_GRAD and not tensor.requires_grad:
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
        meta, flags = tape.meta_of(shape_of(tensor), tensor.dtype, tensor.device)
        flags |= self.flags_of(tensor) | (LEAF if leaf else 0)
        if not flags & REQUIRES_GRAD:
            for value in inputs:
                if tape.flags[value] & TRACKED_OR_GRAD:
                    flags |= TRACKED
                    break
        if same == NONE and storage == NONE and flags & VIEW:
            storage = self.storage_under(tensor)
        version = -1 if flags & INFERENCE else tensor._version
        number = tape.enter(meta, version, flags, same=same, storage=storage)
        tape.refs[id(tensor)] = weakref.ref(tensor, tape.note_death if flags & PARAMETER else None)
        tape.values[id(tensor)] = number
        return number

    def flags_of(self, tensor: Tensor) -> int:
        """All that is said of a tensor but what its dtype says already."""
        requires = tensor.requires_grad
        flags = REQUIRES_GRAD if requires else LEAF
        if type(tensor) is Tensor:  # as below, for what nearly all are
            if tensor.is_inference():
                return flags | INFERENCE | (LEAF if tensor.is_leaf else 0)
            if tensor._is_view():
                return flags | VIEW | (LEAF if requires and self.is_leaf(tensor) else 0)
            return flags | (LEAF if requires and tensor.is_leaf else 0)
        if is_unfilled(tensor):
            return flags | (PARAMETER | LEAF if is_parameter(tensor) else 0)
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
        """Whether each of these tensors is a leaf; told by functions written in C where these will do."""
        if {Parameter}.issuperset(map(type, tensors)):
            return [True] * len(tensors)
        if plain_tensors.issuperset(map(type, tensors)) and not any(map(is_view, tensors)):
            return list(map(leaf_flag, tensors))
        return list(map(self.is_leaf, tensors))

    def storage_under(self, view: Tensor) -> int:
        base = view._base
        known = NONE if base is None else self.tape.value_of(base)
        return NONE if known == NONE else self.tape.storage_of(known)

    # calls

    def place(self, frame: FrameType | None) -> int:
        """As `Sites.here`, but goes no further up than to the call of the module that runs.

        The hot path does the same in line.
        """
        sites, above = self.sites, frame
        while above is not None and id(above.f_code) in sites.through:
            above = above.f_back
        code = None if above is None else sites.codes.get(id(above.f_code))
        if code is None or above is None or not code.boundary:
            return sites.here(frame)
        known = self.module_sites[-1]
        return known if known >= 0 else sites.of_module(above.f_back, self.module_sites)

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
        tape, sites = self.tape, self.sites
        walked = sites.stack(frame) if stack else NONE
        if site is None:
            # One walk up the frames will do for both.
            site = (sites.innermost[walked] if stack else UNKNOWN) or self.place(frame)
        key = (
            info.index,
            site,
            self.modules[-1],
            self.mode_flags() | tracking,
        )
        index = tape.key_index.get(key)
        if index is None:
            index = tape.intern_key(key)
        # Caches are cold at these two: the less is done there, the better.
        call = tape.open(index, later=kind is Kind.BACKWARD or kind is Kind.STEP)
        if kind is not Kind.OP:
            tape.kind[call] = kind
        if stack:
            tape.stack[call] = walked
        return call

    def close(self, call: int, begin: int, end: int) -> int:
        tape = self.tape
        tape.sequence_begin.append(begin)
        tape.made.append(end - begin)
        tape.inputs_end.append(len(tape.inputs))
        tape.begun = False
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
        flags = self.context
        if torch.is_grad_enabled():
            flags |= CallFlag.GRAD
        if torch.is_inference_mode_enabled():
            flags |= CallFlag.INFERENCE
        if flags & BACKWARD and any_autocast():  # the engine sets what it was in forward, and tells nobody
            flags |= AUTOCAST
        return flags

    def tensors_in(self, arguments: Any, found: list[Tensor], depth: int = 3) -> list[Tensor]:
        """Tensors among arguments, also inside lists, tuples, dicts and slices."""
        for item in arguments:
            if type(item) in no_tensors:
                continue
            if isinstance(item, Tensor):
                found.append(item)
            # By their own ways, as a subclass may load what it holds, or refuse to give it.
            elif depth and isinstance(item, list):
                self.tensors_in(list.__iter__(item), found, depth - 1)
            elif depth and isinstance(item, tuple):
                self.tensors_in(tuple.__iter__(item), found, depth - 1)
            elif depth and isinstance(item, dict):
                self.tensors_in(dict.values(item), found, depth - 1)
            elif type(item) is slice:
                self.tensors_in((item.start, item.stop, item.step), found, depth=0)
        return found
