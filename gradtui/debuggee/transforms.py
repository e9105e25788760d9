"""Transforms of `torch.func`: what goes into one, and what comes out of it.

Inside of `vmap` and `grad` tensors are wrapped, by functions that no mode sees, and a wrapper says of its
graph only what the transform itself tracks. So no way is told through the calls in there: a result is told as
made of all that was handed in, and of all from outside that these calls used.
"""

from __future__ import annotations

import functools
import sys
import weakref
from bisect import bisect_left
from collections.abc import Callable
from types import FrameType
from typing import Any

import torch
from torch import Tensor

from gradtui.debuggee.call_outputs import several
from gradtui.debuggee.functions import Info
from gradtui.debuggee.marks import LEAF, REQUIRES_GRAD
from gradtui.debuggee.passive import sequence_number
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE
from gradtui.model.torch_functions import FUNC_GRAD

BORDERS = {
    "torch._functorch.vmap": (
        "torch.vmap",
        "_vmap_increment_nesting",
        "_add_batch_dim",
        "_remove_batch_dim",
    ),
    "torch._functorch.eager_transforms": (
        FUNC_GRAD,
        "_grad_increment_nesting",
        "_wrap_for_grad",
        "_unwrap_for_grad",
    ),
}
"""By module what a user calls, and what that calls where it begins, on each tensor on the way in, and on each
on the way out."""

OUTERMOST = 1
"""The level of a transform that runs in no other."""

Replace = Callable[[Any, str, Callable[..., Any]], None]
wrapped: Callable[[Tensor], bool] = torch._C._functorch.is_functorch_wrapped_tensor


def install(recorder: Recorder, watching: Callable[[], bool], replace: Replace) -> None:
    """Wrap what begins and ends a transform in this version of torch, where it has that: it isn't public."""
    borders = _Borders(recorder, watching)
    for module, (name, begin, into, out_of) in BORDERS.items():
        found = sys.modules.get(module)
        known = vars(found) if found is not None else {}
        if {begin, into, out_of} <= known.keys():
            replace(found, begin, borders.begin(known[begin]))
            replace(found, into, borders.into(known[into]))
            replace(found, out_of, borders.out_of(known[out_of], recorder.functions.named(name)))


class _Borders:
    """The outermost transform that runs, or that ran last."""

    def __init__(self, recorder: Recorder, watching: Callable[[], bool]) -> None:
        self.recorder = recorder
        self.watching = watching
        self.first = 0
        """The order of the first call in it."""
        self.given: list[weakref.ref[Tensor]] = []
        """What was handed in."""
        self.sources: list[int] = []
        """Values that its results are made of, once there is one."""
        self.inside = range(0)
        """Values that were made in it until then."""
        self.length = 0
        """Of the tape then: when it is shorter, the numbers of values are others."""
        self.fresh = True
        """Whether what the transform uses is still to be looked for."""

    def begin(self, original: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(original)
        def increment(*args: Any, **kwargs: Any) -> int:
            level = original(*args, **kwargs)
            if level == OUTERMOST and self.watching():
                self.first, self.given, self.fresh = self.recorder.tape.next_order, [], True
            return level

        return increment

    def into(self, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def wrap(tensor: Any, *args: Any, **kwargs: Any) -> Any:
            self._guarded(self._enter, tensor, sys._getframe(1))
            return original(tensor, *args, **kwargs)

        return wrap

    def out_of(self, original: Callable[..., Any], info: Info) -> Callable[..., Any]:
        @functools.wraps(original)
        def unwrap(tensor: Any, level: int, *args: Any, **kwargs: Any) -> Any:
            begin = sequence_number()
            out = original(tensor, level, *args, **kwargs)
            if level == OUTERMOST and out is not tensor:
                self._guarded(self._leave, out, sys._getframe(1), info, begin)
            return out

        return unwrap

    def _guarded(self, act: Callable[..., None], tensor: Any, *args: Any) -> None:
        with self.recorder.contained:
            if isinstance(tensor, Tensor) and self.watching():
                act(tensor, *args)

    def _enter(self, tensor: Tensor, frame: FrameType) -> None:
        if not wrapped(tensor):
            self.recorder.value(tensor, frame)  # it may be met only now
            self.given.append(weakref.ref(tensor))

    def _leave(self, out: Tensor, frame: FrameType, info: Info, begin: int) -> None:
        tape = self.recorder.tape
        if tape.value_of(out) != NONE:
            return
        if len(tape) < self.length:
            self.sources, self.inside, self.fresh = [], range(0), True
        if self.fresh:
            self._look(tape, bisect_left(tape.order, self.first))
        # Where something inside has dropped the graph, it isn't this call that did, nor the mode around it.
        tracked = torch.is_grad_enabled() and any(tape.flags[value] & REQUIRES_GRAD for value in self.sources)
        if out.requires_grad or not tracked:
            several(self.recorder, info, frame, self.sources, [out], begin, sequence_number(), None)
        self.length, self.fresh = len(tape), False

    def _look(self, tape: Tape, first: int) -> None:
        """Find what was handed in, and what the calls from one on used that was there before.

        A leaf may be met only there; and what was made in the last transform may be used, as `jacrev` does,
        which has two of them: that is made of what that one was given.
        """
        given = [tensor for one in self.given if (tensor := one()) is not None]
        self.given = []  # a tensor that has a weak reference can't be swapped
        found = dict.fromkeys(value for tensor in given if (value := tape.value_of(tensor)) != NONE)
        made = tape.first_value[first] if first < len(tape) else len(tape.meta)
        used = dict.fromkeys(tape.inputs[tape.inputs_end[first - 1] if first else 0 :])
        before = {value for value in used if value in self.inside}
        if before:
            found.update(dict.fromkeys(self.sources))
        found.update(dict.fromkeys(value for value in used if value < made and value not in before))
        leaves = {value for value in used if value >= made and tape.flags[value] & LEAF}
        for key, value in tape.values.items() if leaves else ():
            if value in leaves and (tensor := tape.refs[key]()) is not None and not wrapped(tensor):
                found[value] = None
        self.sources, self.inside = sorted(found), range(made, len(tape.meta))
