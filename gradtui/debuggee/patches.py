"""The few things that no TorchFunctionMode sees: wrapped while we watch, and put back in reverse order.

Each wrapper calls the original with what it was given and returns what that returned.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import Any

import torch
from torch import Tensor
from torch.amp import GradScaler
from torch.autograd.function import Function
from torch.autograd.graph import saved_tensors_hooks
from torch.autograd.variable import Variable
from torch.nn import Module, Parameter
from torch.nn.parameter import UninitializedParameter
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler
from torch.optim.optimizer import register_optimizer_step_post_hook, register_optimizer_step_pre_hook

from gradtui.debuggee import collectives, optimizer_grads, transforms
from gradtui.debuggee.call_handlers import CallHandlers
from gradtui.debuggee.devices import Threads, in_this_thread
from gradtui.debuggee.functions import Act, Info
from gradtui.debuggee.handled_call import handled
from gradtui.debuggee.marks import AUTOCAST, BACKWARD, LEAF, REQUIRES_GRAD, tracking
from gradtui.debuggee.optimizer_record import OptimizerRecord, held_by
from gradtui.debuggee.owners import Owners
from gradtui.debuggee.passive import any_autocast, sequence_number
from gradtui.debuggee.quiet import Quiet
from gradtui.debuggee.reached import Clearing
from gradtui.debuggee.recorder import Recorder, pop_mode, push_mode
from gradtui.model.columns import NONE
from gradtui.model.torch_functions import PICKLED, UNPICKLED, is_checkpoint
from gradtui.model.trace import Kind, Switch
from gradtui.model.unseen import IN_ANOTHER_THREAD, IN_COMPILED

AroundStep = Callable[[Optimizer, tuple[Any, ...], dict[str, Any]], None]
"""A hook as torch calls it: the arguments are those of `step`, the optimizer first."""
StepLeftOut = Callable[[OptimizerRecord, Optimizer, FrameType, bool], None]
"""Gets the optimizer, what is known of it, the frame that asked its GradScaler for the step, and whether that
raised."""

AUTOCAST_SWITCHES = (
    "set_autocast_enabled",
    "set_autocast_cpu_enabled",
    "set_autocast_ipu_enabled",
    "set_autocast_xla_enabled",
)


class Patches:
    """Everything that is installed; `remove` leaves torch as it was found."""

    def __init__(
        self,
        recorder: Recorder,
        call_handlers: CallHandlers,
        owners: Owners,
        before: AroundStep,
        after: AroundStep,
        left_out: StepLeftOut,
    ) -> None:
        self.recorder, self.call_handlers, self.owners = recorder, call_handlers, owners
        self.thread = threading.get_ident()
        self._installed = ExitStack()
        self._replaced: list[tuple[Any, str, Any, Any]] = []
        self._modules()
        self._parameters()
        self._variables()
        self._from_numpy()
        self._pickling()
        self._functions()
        self._inference_mode()
        self._saved_hooks()
        self._engine()
        self._optimizers(before, after)
        self._scalers(left_out)
        self._swaps()
        self._autocast()
        self._compile()
        optimizer_grads.install(recorder.optimizer_grads, self.replace)
        collectives.install(recorder, self.watching, self.replace)
        transforms.install(recorder, self.watching, self.replace)

    def remove(self) -> None:
        self._installed.close()

    def watching(self) -> bool:
        """Whether a call in this thread, now, is ours to record."""
        return not self.recorder.quiet and not self.recorder.fault and threading.get_ident() == self.thread

    def replace(self, owner: Any, name: str, wrapper: Any) -> None:
        own = name in owner.__dict__
        original = owner.__dict__[name] if own else getattr(owner, name)
        setattr(owner, name, wrapper)
        self._replaced.append((owner, name, original, wrapper))
        if own:
            self._installed.callback(setattr, owner, name, original)
        else:
            self._installed.callback(delattr, owner, name)

    def suspend(self) -> Callable[[], None]:
        """Take the mode and the wrappers out for a while; gives what puts them in again."""
        recorder = self.recorder
        if threading.get_ident() != self.thread or torch._C._len_torch_function_stack() == 0:
            return lambda: None
        recorder.unseen[IN_COMPILED] = None
        recorder.mode.__exit__(None, None, None)
        recorder.on_grads()
        for owner, name, original, _ in self._replaced:
            setattr(owner, name, original)

        def resume() -> None:
            recorder.tape.unwritten.clear()
            for owner, name, _, wrapper in self._replaced:
                setattr(owner, name, wrapper)
            recorder.mode.__enter__()

        return resume

    def _compile(self) -> None:
        """A compiled callable runs without us: dynamo would trace through the mode, and fail or fall back."""
        original, patches = torch.compile, self

        @functools.wraps(original)
        def compile(*args: Any, **kwargs: Any) -> Any:  # noqa: A001
            patches.make_way_for_dynamo()
            return original(*args, **kwargs)

        self.replace(torch, "compile", compile)

    def make_way_for_dynamo(self) -> None:
        """From here on every compiled callable suspends us while it runs."""
        from torch._dynamo.eval_frame import _TorchDynamoContext

        original, suspend = _TorchDynamoContext.__init__, self.suspend
        if hasattr(original, "__wrapped__"):
            return

        @functools.wraps(original)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            original(self, *args, **kwargs)
            self.enter_exit_hooks.append(suspend)

        self.replace(_TorchDynamoContext, "__init__", __init__)

    def compiled(self, module: Module, original: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Record the call of a compiled module as one opaque step."""
        recorder, frame, came = self.recorder, sys._getframe(2), list[int]()
        with recorder.contained:
            given = [*recorder.tensors_in((*args, *kwargs.values()), []), *Module.parameters(module)]
            came = [recorder.value(tensor, frame) for tensor in given]
        begin = sequence_number()
        out = original(module, *args, **kwargs)
        with recorder.contained:
            made = [
                tensor for tensor in recorder.tensors_in((out,), []) if recorder.tape.value_of(tensor) == NONE
            ]
            call = recorder.open(recorder.functions.named("torch.compile"), frame, Kind.OP, stack=True)
            recorder.tape.inputs.extend(came)
            for tensor in made:
                recorder.make(tensor, came)
            recorder.close(call, begin, sequence_number())
        return out

    def _modules(self) -> None:
        original, number = Module.__call__, self.owners.module_number
        stack, sites = self.recorder.modules, self.recorder.module_sites
        thread, get_ident, compiled = self.thread, threading.get_ident, self.compiled
        recorder, unseen = self.recorder, self.recorder.unseen

        def __call__(self: Module, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
            if get_ident() != thread:
                if not recorder.in_backward:  # a checkpoint's second run isn't missed
                    unseen[IN_ANOTHER_THREAD] = None
                return original(self, *args, **kwargs)
            stack.append(number(self))
            sites.append(NONE)
            try:
                # A module may be called before `Module.__init__` was: torch's own complaint is to come then.
                if self._compiled_call_impl is not None or "_orig_mod" in self.__dict__.get("_modules", ()):
                    return compiled(self, original, args, kwargs)
                return original(self, *args, **kwargs)
            finally:
                stack.pop()
                sites.pop()

        self.recorder.sites.boundary = __call__.__code__
        self.replace(Module, "__call__", functools.wraps(original)(__call__))

    def _parameters(self) -> None:
        original, patches = Parameter.__new__, self
        info = self.recorder.functions.named("nn.Parameter")

        @functools.wraps(original)
        def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
            made = original(cls, *args, **kwargs)
            if patches.watching():
                with patches.recorder.contained:
                    patches.parameter(info, args[0] if args else kwargs.get("data"), made)
            return made

        self.replace(Parameter, "__new__", staticmethod(__new__))
        lazy = UninitializedParameter.__new__

        @functools.wraps(lazy)
        def unfilled(cls: Any, *args: Any, **kwargs: Any) -> Any:
            made = lazy(cls, *args, **kwargs)
            if patches.watching():
                with patches.recorder.contained:
                    patches.parameter(info, None, made)
            return made

        self.replace(UninitializedParameter, "__new__", staticmethod(unfilled))

    def parameter(self, info: Any, data: Any, made: Tensor) -> None:
        self.owners.parameters_made += 1
        recorder, frame = self.recorder, sys._getframe(2)
        came = [recorder.value(data, frame)] if isinstance(data, Tensor) else []
        begin = sequence_number()
        call = recorder.open(info, frame, Kind.PARAMETER, stack=True)
        recorder.tape.inputs.extend(came)
        storage = recorder.tape.storage[came[0]] if came else NONE
        recorder.make(made, came, storage=storage)
        recorder.close(call, begin, begin)

    def _variables(self) -> None:
        """The old `Variable(tensor)` gives a detached one, and no mode sees it being made."""
        original, patches = Variable.__new__, self
        info = self.recorder.functions.named("torch.autograd.Variable", Act.REENTRY)

        def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
            begin = sequence_number()
            made = original(cls, *args, **kwargs)
            source = args[0] if args else kwargs.get("data")
            with patches.recorder.contained:
                if isinstance(source, Tensor) and patches.watching():
                    patches.detached(info, sys._getframe(1), source, made, begin)
            return made

        self.replace(Variable, "__new__", staticmethod(__new__))

    def detached(self, info: Info, frame: FrameType, source: Tensor, made: Tensor, begin: int) -> None:
        """Record that a tensor was made of another one: in its memory, and without its history."""
        recorder, tape = self.recorder, self.recorder.tape
        came = recorder.value(source, frame)
        marks = tracking(requires=made.requires_grad, got=False)
        call = recorder.open(info, frame, Kind.REENTRY, stack=True, tracking=marks)
        tape.inputs.append(came)
        recorder.make(made, (came,), storage=tape.storage_of(came))
        recorder.close(call, begin, sequence_number())

    def _from_numpy(self) -> None:
        original, patches = torch.from_numpy, self
        info = self.recorder.functions.named("torch.from_numpy", Act.REENTRY)

        @functools.wraps(original)
        def from_numpy(*args: Any, **kwargs: Any) -> Tensor:
            begin = sequence_number()
            made = original(*args, **kwargs)
            if patches.watching():
                with patches.recorder.contained:
                    (ndarray,) = args
                    frame = sys._getframe(1)
                    patches.call_handlers.reentered(patches.recorder, info, frame, ndarray, [], made, begin)
            return made

        # Workers that are spawned are handed it by its name, as a transform: torch's own is found under this.
        from_numpy.__module__, from_numpy.__qualname__ = "torch", "from_numpy"
        self.replace(torch, "from_numpy", from_numpy)

    def _pickling(self) -> None:
        """Of a tensor with a graph that is saved, sent or copied by `copy.copy` a new leaf is read back."""
        reduce: Callable[..., Any] = Tensor._reduce_ex_internal
        rebuild: Callable[..., Tensor] = torch._utils._rebuild_tensor
        patches = self
        left = self.recorder.functions.named(PICKLED, Act.ESCAPE)
        came = self.recorder.functions.named(UNPICKLED, Act.REENTRY)

        @functools.wraps(reduce)
        def _reduce_ex_internal(self: Tensor, proto: Any) -> Any:
            if patches.watching():
                with patches.recorder.contained:
                    if self.requires_grad and not patches.recorder.is_leaf(self):
                        patches.call_handlers.pickled(patches.recorder, left, sys._getframe(1), self)
            return reduce(self, proto)

        @functools.wraps(rebuild)
        def _rebuild_tensor(*args: Any, **kwargs: Any) -> Tensor:
            begin = sequence_number()
            made = rebuild(*args, **kwargs)
            if patches.call_handlers.escapes.pickled and patches.watching():
                with patches.recorder.contained:
                    patches.call_handlers.unpickled(patches.recorder, came, sys._getframe(1), made, begin)
            return made

        self.replace(Tensor, "_reduce_ex_internal", _reduce_ex_internal)
        self.replace(torch._utils, "_rebuild_tensor", _rebuild_tensor)

    def _functions(self) -> None:
        original, patches = Function.__dict__["apply"].__func__, self

        @functools.wraps(original)
        def apply(cls: Any, *args: Any, **kwargs: Any) -> Any:
            if not patches.watching():
                return original(cls, *args, **kwargs)
            return patches.custom(cls, original, args, kwargs)

        self.replace(Function, "apply", classmethod(apply))

    def custom(self, cls: Any, original: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """Record a custom autograd function, and which calls were made inside it."""
        recorder, frame, came = self.recorder, sys._getframe(2), list[int]()
        tape, given = recorder.tape, (*args, *kwargs.values())
        info = recorder.functions.named(f"{cls.__name__}.apply")
        with recorder.contained:
            came = [recorder.value(tensor, frame) for tensor in recorder.tensors_in(given, [])]
        inside, begin, order = len(tape), sequence_number(), tape.next_order
        checkpoint = is_checkpoint(info.name)
        recorder.checkpoints += checkpoint
        try:
            out = original(cls, *args, **kwargs)
        except BaseException:
            with recorder.contained:
                recorder.note(info, frame, Kind.RAISED, came)
            raise
        finally:
            recorder.checkpoints -= checkpoint
        with recorder.contained:
            if inside > len(tape) or tape.next_order - order > len(tape) - inside:
                inside = next((call for call, when in enumerate(tape.order) if when >= order), len(tape))
                came = [recorder.value(tensor, frame) for tensor in recorder.tensors_in(given, [])]
            made = recorder.tensors_in((out,), [])
            call = recorder.open(info, frame, Kind.FUNCTION, stack=True)
            tape.inputs.extend(came)
            for tensor in made:
                same = tape.value_of(tensor)
                if same != NONE and tape.flags[same] & REQUIRES_GRAD and torch.is_grad_enabled():
                    # An input that is given back: autograd makes a view of it first, under `no_grad`.
                    tape.flags[same] &= ~LEAF
                recorder.make(tensor, came, same=same)
            recorder.close(call, begin, sequence_number())
            tape.begin[call] = inside
        return out

    def _autocast(self) -> None:
        """Keep in mind whether autocast is on: a context manager that is entered comes here too."""
        recorder, thread = self.recorder, self.thread

        def switching(original: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(original)
            def switch(*args: Any, **kwargs: Any) -> Any:
                try:
                    return original(*args, **kwargs)
                finally:
                    if threading.get_ident() == thread:
                        recorder.context = recorder.context & BACKWARD | AUTOCAST * any_autocast()

            return switch

        for name in AUTOCAST_SWITCHES:
            if name in torch.__dict__:
                self.replace(torch, name, switching(torch.__dict__[name]))

    def _scalers(self, left_out: StepLeftOut) -> None:
        """Notice the steps that a GradScaler leaves out, or refuses: of them no optimizer knows."""
        original, patches, owners = GradScaler.step, self, self.owners

        @functools.wraps(original)
        def step(self: GradScaler, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
            record = owners.record_of(optimizer)
            before = record.steps if record is not None else 0
            try:
                out = original(self, optimizer, *args, **kwargs)
            except AssertionError:  # it has found no gradient
                if record is not None and not patches.recorder.stepping and patches.watching():
                    left_out(record, optimizer, sys._getframe(1), True)  # which contains its faults itself
                raise
            if record is not None and record.steps == before and patches.watching():
                left_out(record, optimizer, sys._getframe(1), False)
            return out

        self.replace(GradScaler, "step", step)

    def _swaps(self) -> None:
        """`swap_tensors` refuses what has a weak reference: `Module.to` and `load_state_dict` may call it."""
        original: Callable[[Tensor, Tensor], None] = torch.utils.swap_tensors
        tape, owners = self.recorder.tape, self.owners

        @functools.wraps(original)
        def swap_tensors(t1: Tensor, t2: Tensor) -> None:
            tape.forget(t1)
            tape.forget(t2)
            with owners.let_go(t1, t2):
                original(t1, t2)

        self.replace(torch.utils, "swap_tensors", swap_tensors)

    def _inference_mode(self) -> None:
        for name, detail in (("__enter__", Switch.INFERENCE_ON), ("__exit__", Switch.INFERENCE_OFF)):
            self.replace(torch.inference_mode, name, self._switching(torch.inference_mode, name, detail))

    def _switching(self, owner: Any, name: str, detail: int) -> Callable[..., Any]:
        original, patches = owner.__dict__[name], self
        info = self.recorder.functions.named("torch.inference_mode", Act.SWITCH)

        @functools.wraps(original)
        def switch(self: Any, *args: Any) -> Any:
            before = torch.is_inference_mode_enabled()
            result = original(self, *args)
            if before != torch.is_inference_mode_enabled() and patches.watching():
                with patches.recorder.contained:
                    patches.recorder.note(info, sys._getframe(1), Kind.SWITCH, detail=detail)
            return result

        return switch

    def _saved_hooks(self) -> None:
        """Notes which nodes are made under saved-tensor hooks: what those saved is never read."""
        enter, leave = saved_tensors_hooks.__enter__, saved_tensors_hooks.__exit__
        entered, hooked = self.recorder.hooking, self.recorder.hooked
        get_ident, thread = threading.get_ident, self.thread

        @functools.wraps(enter)
        def __enter__(self: Any) -> Any:  # noqa: N807
            if get_ident() == thread:  # another counts its own nodes
                entered.append(sequence_number())
            return enter(self)

        @functools.wraps(leave)
        def __exit__(self: Any, *args: Any) -> Any:  # noqa: N807
            if entered and get_ident() == thread:
                span = (entered.pop(), sequence_number())
                while hooked and hooked[-1][0] >= span[0]:
                    hooked.pop()
                hooked.append(span)
            return leave(self, *args)

        self.replace(saved_tensors_hooks, "__enter__", __enter__)
        self.replace(saved_tensors_hooks, "__exit__", __exit__)

    def _engine(self) -> None:
        """While the engine runs the mode is on again: a checkpoint's recomputation and hooks are recorded."""
        recorder, get_ident, thread = self.recorder, threading.get_ident, self.thread
        threads, mode = Threads(recorder.tape.metas), recorder.mode
        for module in (torch.autograd, torch.autograd.graph):
            original = module.__dict__["_engine_run_backward"]

            def run(*args: Any, _original: Callable[..., Any] = original, **kwargs: Any) -> Any:
                recorder.resume()
                if get_ident() != thread or recorder.in_backward:
                    return _original(*args, **kwargs)
                leaves_ours = threads.leaves_ours()
                # Python hears no signal from here until the mode is on, nor once it is off.
                recorder.context |= BACKWARD
                try:
                    push_mode(mode)
                    if leaves_ours:
                        with in_this_thread():
                            return _original(*args, **kwargs)
                    return _original(*args, **kwargs)
                finally:
                    recorder.context &= ~BACKWARD
                    pop_mode()

            self.replace(module, "_engine_run_backward", run)
        self._backward()

    def _backward(self) -> None:
        """`Tensor.backward` itself tells of a loss: to reach the mode, torch takes a detour of 10 us."""
        original: Callable[..., None] = Tensor.backward
        recorder, mode = self.recorder, self.recorder.mode
        info = recorder.functions.learn(original)

        @functools.wraps(original)
        def backward(self: Tensor, *args: Any, **kwargs: Any) -> None:
            if type(self) is not Tensor or recorder.quiet or recorder.fault or not recorder.is_alone:
                original(self, *args, **kwargs)
                return
            try:
                pop_mode()
                handled(recorder, info, sys._getframe(1), original, (self, *args), kwargs)
            finally:
                push_mode(mode)

        recorder.functions.by_function[backward] = info
        self.replace(Tensor, "backward", backward)

    def _optimizers(self, before: AroundStep, after: AroundStep) -> None:
        recorder, owners, call_handlers, patches = self.recorder, self.owners, self.call_handlers, self
        build, clear = Optimizer.__init__, Optimizer.zero_grad
        info = recorder.functions.named("Optimizer.zero_grad")
        module_clear = Module.zero_grad
        module_info = recorder.functions.named("Module.zero_grad")

        @functools.wraps(build)
        def __init__(self: Optimizer, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            build(self, *args, **kwargs)
            if patches.watching():
                with recorder.contained:
                    sites, outside = recorder.sites, outside_of(self, sys._getframe(1))
                    stack = sites.stacks[sites.stack(outside)]
                    owners.built(self, sites.here(outside), recorder.tape.next_order, stack)

        schedule = LRScheduler.__init__

        @functools.wraps(schedule)
        def scheduled(self: LRScheduler, *args: Any, **kwargs: Any) -> None:
            if patches.watching():
                with recorder.contained:
                    optimizer = args[0] if args else kwargs.get("optimizer")
                    if isinstance(optimizer, Optimizer) and (record := owners.record_of(optimizer)):
                        record.schedule = recorder.sites.here(outside_of(self, sys._getframe(1)))
            schedule(self, *args, **kwargs)

        def clearing(
            original: Callable[..., Any], label: Any, parameters: Callable[[Any], list[Tensor]]
        ) -> Any:
            @functools.wraps(original)
            def zero_grad(self: Any, *args: Any, **kwargs: Any) -> Any:
                recorder.resume()
                if not patches.watching():
                    return original(self, *args, **kwargs)
                found = Clearing((), None, lambda: None)
                with recorder.contained:
                    tensors = parameters(self)
                    with torch._C.DisableTorchFunction():  # `.grad` of each would be a call to the mode
                        found = recorder.on_clearing(tensors)
                recorder.quiet = Quiet.ALL
                try:
                    recorder.step_aside()  # each `.grad` that is set to None would pass through the mode too
                    out = original(self, *args, **kwargs)
                    with recorder.contained:
                        if args[0] if args else kwargs.get("set_to_none", True):
                            found.cleared()
                    return out
                finally:
                    recorder.quiet = Quiet.OFF  # what it was, as `watching` has said
                    recorder.step_in()
                    if found.had:
                        frame = sys._getframe(1)
                        # Or `._version` would pass through the mode.
                        with recorder.contained, torch._C.DisableTorchFunction():
                            call_handlers.clear(recorder, label, frame, found.had, found.row)

            return zero_grad

        self.replace(Optimizer, "__init__", __init__)
        self.replace(LRScheduler, "__init__", scheduled)
        self.replace(Optimizer, "zero_grad", clearing(clear, info, held_by))
        self.replace(
            Module, "zero_grad", clearing(module_clear, module_info, lambda module: [*module.parameters()])
        )
        self._installed.callback(register_optimizer_step_pre_hook(before).remove)
        self._installed.callback(register_optimizer_step_post_hook(after).remove)


def outside_of(made: object, frame: FrameType | None) -> FrameType | None:
    """The innermost frame that isn't one of an object's own `__init__`: where it is being made."""
    while frame is not None and frame.f_code.co_name == "__init__":
        first = frame.f_code.co_varnames[:1]
        if not first or frame.f_locals.get(first[0]) is not made:
            break
        frame = frame.f_back
    return frame
