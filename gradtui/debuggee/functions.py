"""What each torch function is to the recorder: how a user writes its name, how a call of it is recorded."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from enum import IntEnum, auto
from types import FunctionType
from typing import Any

import torch
from torch.overrides import resolve_name

from gradtui.debuggee.repeats import Repeat
from gradtui.model.torch_functions import ESCAPES

Function = Callable[..., Any]

resolve_name(torch.relu)  # which makes torch's table of names, and is where that may warn
resolved: Callable[[Function], str | None] = inspect.unwrap(resolve_name)
"""As `resolve_name`, which changes the filters of warnings while it runs: for each new function Python would
forget which warnings it has shown, and show them again."""


class Act(IntEnum):
    """How the recorder treats a call."""

    PASS = 0
    """Not recorded: it asks about a tensor and makes none."""
    OP = 1
    WRITE = auto()
    ESCAPE = auto()
    REENTRY = auto()
    SWITCH = auto()
    FLAG = auto()
    BACKWARD = auto()
    GRAD = auto()
    READ_GRAD = auto()
    SET_GRAD = auto()
    HOOK = auto()


REENTRIES = {"tensor", "as_tensor", "asarray", "from_numpy", "frombuffer", "scalar_tensor", "new_tensor"}
QUESTIONS = {
    "size", "dim", "ndimension", "numel", "nelement", "stride", "storage_offset", "is_contiguous",
    "element_size",
    "is_floating_point", "is_complex", "is_signed", "is_nonzero", "is_same_size", "is_shared", "is_pinned",
    "is_inference", "is_set_to", "is_tensor", "is_storage", "data_ptr", "untyped_storage", "storage",
    "storage_type",
    "has_names", "get_device", "dense_dim", "sparse_dim", "__len__", "__repr__", "__format__", "__hash__",
    "__contains__", "__reduce_ex__", "__reduce__", "__setstate__", "__dir__", "retain_grad",
    "register_post_accumulate_grad_hook", "result_type", "can_cast", "promote_types", "broadcast_shapes",
    "share_memory_", "pin_memory", "record_stream", "__dlpack_device__", "_is_view", "is_distributed",
    "_record_function_enter_new", "_record_function_exit", "_nested_tensor_size", "__cuda_array_interface__",
}  # fmt: skip
"""Methods and functions that make no tensor, or none that matters."""

MAKING_PROPERTIES = {"data", "T", "mT", "H", "mH", "real", "imag"}
"""Properties whose reading makes a tensor."""

ALIASES = {"detach", "data", "view_as", "alias"}
"""Functions whose result shares memory with their first argument though torch doesn't count it as a view."""

COMPOSED_VIEWS = frozenset(["__getitem__", "reshape", "flatten", "contiguous", "narrow", "to"])
"""Functions that several operators make up: what they return is a view of their first argument, or none."""

TOLD = frozenset(["zero_", "fill_", "mul_", "copy_", "detach_", "set_"])
"""Functions that write their first argument and of which more than that is told."""

EACH = frozenset(["broadcast_tensors", "meshgrid"])
"""Functions that make of each of their arguments one result."""

OWN_MEMORY = frozenset(["F.linear"])
"""Functions that return a view of nothing but what they made themselves, as of inputs of three dimensions."""

IN_PYTHON = {
    "F.relu": "relu", "F.silu": "silu", "F.elu": "elu", "F.leaky_relu": "leaky_relu",
    "Tensor.pow": "pow", "Tensor.__rsub__": "rsub", "Tensor.__rdiv__": "mul",
}  # fmt: skip
"""The operator whose result these return, which are functions in Python."""


class Info:
    """One function, learnt when it is first called."""

    __slots__ = (
        "act", "alias", "each", "fresh", "index", "name", "own", "repeats", "short", "views", "writes",
    )  # fmt: skip

    def __init__(self, index: int, name: str, act: Act) -> None:
        self.index = index
        self.name = name
        self.short = name.rsplit(".", 1)[-1]
        self.act = act
        self.alias = self.short in ALIASES
        self.each = self.short in EACH
        self.fresh = False
        """As `makes_fresh` says: each tensor needn't be asked."""
        self.own = name in OWN_MEMORY
        """A view that it returns is one of what nobody else has."""
        self.views = False
        """As `views_first` says: the view needn't be asked whose it is."""
        self.writes = False
        """As `writes_first` says: what it gives back is its first argument."""
        self.repeats: dict[int, Repeat] = {}
        """By place: where an instruction of the user's code lies in memory; his site, of what a library
        calls for it; or, of what one calls in a module, that and the instruction, -2 and down."""


class Functions:
    """Every function met so far, by itself and by its number."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.by_function: dict[Function, Info] = {}
        self._by_name: dict[tuple[str, Act], Info] = {}
        self._forgotten = False

    def forget(self) -> None:
        """Record no function from here on."""
        self._forgotten = True
        self.by_function.clear()

    def learn(self, function: Function) -> Info:
        if self._forgotten:
            info = self.by_function[function] = self.named("", Act.PASS)
            return info
        name = name_of(function)
        act = act_of(function, name)
        plain = act is Act.WRITE and name.rpartition(".")[2] not in TOLD and writes_first(function)
        info = self.named(name, Act.OP if plain else act)
        info.writes = plain
        info.fresh = act is Act.OP and makes_fresh(function, name)
        info.views = act is Act.OP and views_first(function, name)
        self.by_function[function] = info
        return info

    def named(self, name: str, act: Act = Act.OP) -> Info:
        """The entry for something that isn't a function of torch's, or is called behind its back."""
        info = self._by_name.get((name, act))
        if info is None:
            self.names.append(name)
            info = self._by_name[name, act] = Info(len(self.names) - 1, name, act)
        return info


def name_of(function: Function) -> str:
    """As a user writes it: `torch.relu`, `Tensor.detach`, `Tensor.data`, `F.linear`."""
    name: str | None = resolved(function)
    if name is None:
        module = getattr(function, "__module__", None) or "torch"
        name = f"{module}.{getattr(function, '__name__', str(function))}"
    name = name.removesuffix(".__get__")
    for long, short in (
        ("torch.Tensor.", "Tensor."),
        ("torch.nn.functional.", "F."),
        ("torch._C._nn.", "F."),
        ("torch._C._linalg.linalg_", "torch.linalg."),
        ("torch._C.", "torch."),
    ):
        if name.startswith(long):
            return short + name.removeprefix(long)
    return name


def act_of(function: Function, name: str) -> Act:
    """How calls of a function are recorded, from its name."""
    short = name.rsplit(".", 1)[-1]
    owner = getattr(function, "__self__", None)
    if getattr(function, "__name__", "") in ("__get__", "__set__", "__delete__") and owner is not None:
        return _property(getattr(owner, "__name__", ""), function.__name__)
    if function is torch.Tensor.backward or name == "torch.autograd.backward":
        return Act.BACKWARD
    if name == "torch.autograd.grad":
        return Act.GRAD
    if short in ("_set_grad_enabled", "set_grad_enabled"):
        return Act.SWITCH
    if short == "requires_grad_":
        return Act.FLAG
    if short == "register_hook":
        return Act.HOOK
    if short in ESCAPES and name.startswith("Tensor."):
        return Act.ESCAPE
    if short in REENTRIES:
        return Act.REENTRY
    if short in QUESTIONS or short.startswith("is_") or name.startswith("profiler."):
        return Act.PASS
    return Act.WRITE if _writes(short) else Act.OP


def makes_fresh(function: Function, name: str) -> bool:
    """Whether each new tensor of it that a node was made for is no view, and of version 0.

    So it is of an operator that autograd wraps itself (one that is composed of others may end in a view)
    and whose schema says of no result that it shares memory: what runs below autograd counts no writes.
    False also where torch can't be asked.
    """
    own = None if isinstance(function, FunctionType) else getattr(function, "__name__", None)
    operator = f"aten::{own or IN_PYTHON.get(name)}"
    try:
        overloads: list[str] = torch._C._jit_get_operation(operator)[1] or []
        wrapped = [_is_wrapped(operator, overload) for overload in overloads]
    except (AttributeError, RuntimeError):  # these questions aren't of torch's public ones
        return False
    known = [answer for answer in wrapped if answer is not None]
    return bool(known) and all(known)


def views_first(function: Function, name: str) -> bool:
    """Whether each view that it returns is one of the first tensor that it is given.

    Its schemas say that of an operator that autograd wraps; of those that are composed of others, which may
    view a copy, the commonest are known.
    """
    if name.rpartition(".")[2] in COMPOSED_VIEWS:
        return True
    own = None if isinstance(function, FunctionType) else getattr(function, "__name__", None)
    operator = f"aten::{own}"
    try:
        overloads: list[str] = torch._C._jit_get_operation(operator)[1] or []
        return bool(overloads) and all(_views_first(operator, overload) for overload in overloads)
    except (AttributeError, RuntimeError):  # the same
        return False


def writes_first(function: Function) -> bool:
    """Whether it writes its first argument, and gives back that tensor and no other: its schemas say so."""
    own = None if isinstance(function, FunctionType) else getattr(function, "__name__", None)
    operator = f"aten::{own}"
    try:
        overloads: list[str] = torch._C._jit_get_operation(operator)[1] or []
        answers = [_writes_first(operator, overload) for overload in overloads]
    except (AttributeError, RuntimeError):  # the same
        return False
    known = [answer for answer in answers if answer is not None]
    return bool(known) and all(known)


def _writes_first(operator: str, overload: str) -> bool | None:
    """Whether an overload writes its first argument; None where that is no single tensor."""
    schema = torch._C._get_schema(operator, overload)
    given, returned = schema.arguments, schema.returns
    if not given or str(given[0].type) != "Tensor":
        return None
    marks = [item.alias_info for item in (given[0], *returned)]
    return len(marks) == 2 and all(mark is not None and mark.is_write for mark in marks)


def _views_first(operator: str, overload: str) -> bool:
    full = f"{operator}.{overload}" if overload else operator
    if torch._C._dispatch_has_kernel_for_dispatch_key(full, "CompositeImplicitAutograd"):
        return False
    schema = torch._C._get_schema(operator, overload)
    given, returned = schema.arguments, schema.returns
    if len(returned) != 1 or not given or str(given[0].type) != "Tensor":
        return False
    theirs = [argument for argument in given[1:] if argument.alias_info is not None]
    return given[0].alias_info is not None and returned[0].alias_info is not None and not theirs


def _is_wrapped(operator: str, overload: str) -> bool | None:
    """Whether autograd wraps an overload that shares no memory; None for one that no tensor call reaches."""
    schema = torch._C._get_schema(operator, overload)
    full = f"{operator}.{overload}" if overload else operator
    if schema.is_mutable or not torch._C._dispatch_has_kernel(full):
        return None
    if any(result.alias_info is not None for result in schema.returns):
        return False
    return not torch._C._dispatch_has_kernel_for_dispatch_key(full, "CompositeImplicitAutograd")


def _property(name: str, access: str) -> Act:
    if access == "__get__":
        if name == "grad":
            return Act.READ_GRAD
        return Act.OP if name in MAKING_PROPERTIES else Act.PASS
    if name == "grad":
        return Act.SET_GRAD
    if name == "requires_grad" and access == "__set__":
        return Act.FLAG
    return Act.WRITE if name == "data" and access == "__set__" else Act.PASS


def _writes(short: str) -> bool:
    """Whether a function writes its first argument, as torch's naming says it."""
    if short.startswith("__"):
        in_place = short.startswith("__i") and short not in ("__invert__", "__int__", "__index__")
        return short == "__setitem__" or (in_place and short.endswith("__"))
    return short.endswith("_")
