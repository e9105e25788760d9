"""The trace: one record for each torch call the program made, and the values that went in and came out.

Values are provenance, not tensors. A tensor that is written in place becomes a new value of the same tensor.
Calls stand in the order in which they ended, so what went into a call always stands before it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from itertools import compress
from typing import Final

from gradtui.model.columns import NONE, Ragged, ints
from gradtui.model.source import Site


class Kind(IntEnum):
    """What sort of event a record of the trace is."""

    OP = 0
    """A torch function that makes new tensors."""
    WRITE = 1
    """An in-place write: its outputs are new values of tensors that existed before. `detail` is 1 where it
    copied memory onto itself."""
    ESCAPE = 2
    """Values left torch: numpy, item, tolist, float. `detail` numbers what came out; see `ties`."""
    REENTRY = 3
    """Values came into torch: from_numpy, tensor, as_tensor, legacy constructors."""
    PARAMETER = 4
    """`nn.Parameter(...)`: its output is a new leaf."""
    FUNCTION = 5
    """`Function.apply` of a custom autograd function; the calls in `begin..index` were made inside it."""
    SEEN = 6
    """A tensor met for the first time as an input: nothing is known of how it was made. Where the program
    read it as `.grad`, the input is the tensor that it is the gradient of."""
    SWITCH = 7
    """A grad mode was switched; `detail` is a `Switch`."""
    FLAG = 8
    """`requires_grad` was set on its input; `detail` is 0 or 1. The output is the same tensor, changed."""
    BACKWARD = 9
    """`backward`; inputs are the roots, `detail` is 1 where the graph is kept: retain_graph, create_graph."""
    GRAD = 10
    """`autograd.grad`; inputs are the roots, outputs the gradients, `detail` is 1 with create_graph."""
    STEP = 11
    """`Optimizer.step` ended; `detail` is the optimizer's index."""
    CLEAR = 12
    """Gradients were set to None or zeroed; `detail` counts how many in a row."""
    READ_GRAD = 13
    """`.grad` was read on its input and was None."""
    RAISED = 14
    """A torch call raised; it has inputs but no outputs."""
    LOOKED = 15
    """The program looked at gradients of its inputs: `.grad` was read and was there, or, where `detail` is 1,
    `autograd.grad` gave them."""
    HOOK = 16
    """A hook was put on its input, by `register_hook`."""


class Switch(IntEnum):
    """What a grad mode was switched to."""

    GRAD_OFF = 0
    GRAD_ON = 1
    INFERENCE_ON = 2
    INFERENCE_OFF = 3
    """Whether there are gradients after it, the block around it decides."""

    @property
    def off(self) -> bool:
        return self in (Switch.GRAD_OFF, Switch.INFERENCE_ON)


class CallFlag:
    """How things stood when a call was made; bits, as plain ints: the operators of an IntFlag are slow."""

    GRAD: Final = 1
    """Grad mode was on."""
    INFERENCE: Final = 2
    """Inference mode was on."""
    AUTOCAST: Final = 4
    BACKWARD: Final = 8
    """Made while backward was running: in a hook, a custom backward or a checkpoint's recomputation."""


class ValueFlag:
    """What a tensor was right after the call that made this value; bits, as plain ints."""

    REQUIRES_GRAD: Final = 1
    LEAF: Final = 2
    PARAMETER: Final = 4
    """An instance of `nn.Parameter`."""
    INFERENCE: Final = 8
    FLOATING: Final = 16
    """Of a floating-point or complex type: one that could require grad."""
    VIEW: Final = 32
    """Shares memory with another tensor, as torch counts it."""
    ALIVE: Final = 64
    """The tensor still existed, with this very value, when the snapshot was taken."""
    RETAINS_GRAD: Final = 256
    """Then, of a tensor that is no leaf: `retain_grad` was called on it."""
    HOOKED: Final = 512
    """Then, of a tensor that is no leaf: hooks of the program's hang on it."""
    APART: Final = 1024
    """In the place of REQUIRES_GRAD, of a view that was made without gradients of a tensor that has them:
    torch says that it requires grad and is a leaf, and no gradient goes from it to that tensor."""


@dataclass(frozen=True, slots=True)
class Tie:
    """A value that left torch came back: the output of `source` (an ESCAPE) went into `target` (a call)."""

    source: int
    target: int
    exact: bool
    """Proved by memory or by the identity of an object; otherwise only likely."""
    how: str
    """In words: "shares its memory", "the same float"."""


@dataclass(frozen=True, slots=True)
class Trace:
    """All records as columns. Fields named in the singular hold one number a call or a value.

    The tables (`functions`, `sites`, ...) hold what the numbers stand for.
    """

    functions: tuple[str, ...] = ()
    """As a user would write them: `torch.relu`, `Tensor.detach`, `F.linear`."""
    sites: tuple[Site, ...] = ()
    stacks: tuple[tuple[int, ...], ...] = ()
    """Indices of sites, the innermost first."""
    shapes: tuple[tuple[int, ...], ...] = ()
    dtypes: tuple[str, ...] = ()
    """Without the `torch.`."""
    devices: tuple[str, ...] = ()

    # one number a call
    kind: array[int] = field(default_factory=ints)
    function: array[int] = field(default_factory=ints)
    site: array[int] = field(default_factory=ints)
    """The innermost line of user code."""
    stack: array[int] = field(default_factory=ints)
    """Kept for cuts, escapes, writes, flags, switches and stops; NONE elsewhere."""
    module: array[int] = field(default_factory=ints)
    """Index into `Snapshot.modules` of the module whose forward was running, or NONE."""
    flags: array[int] = field(default_factory=ints)
    """See CallFlag."""
    detail: array[int] = field(default_factory=ints)
    """See Kind."""
    begin: array[int] = field(default_factory=ints)
    """The first call made inside this one; its own index where there is none."""
    sequence_begin: array[int] = field(default_factory=ints)
    sequence_end: array[int] = field(default_factory=ints)
    """Backward nodes with a sequence number in [begin, end) were made by this call."""
    order: array[int] = field(default_factory=ints)
    """Rises with time over the whole run, also across what was dropped from the trace."""
    inputs: Ragged = field(default_factory=Ragged)
    outputs: Ragged = field(default_factory=Ragged)

    # one number a value
    producer: array[int] = field(default_factory=ints)
    """The call that made this value."""
    tensor: array[int] = field(default_factory=ints)
    """Identity of the tensor: the same number, the same Python object."""
    shape: array[int] = field(default_factory=ints)
    dtype: array[int] = field(default_factory=ints)
    device: array[int] = field(default_factory=ints)
    version: array[int] = field(default_factory=ints)
    value_flags: array[int] = field(default_factory=ints)
    storage: array[int] = field(default_factory=ints)
    """Values with the same number share memory; NONE where that isn't known."""

    ties: tuple[Tie, ...] = ()
    total_calls: int = 0
    """Calls made since the program began, with those that are no longer kept."""

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def values(self) -> int:
        return len(self.producer)

    def call(self, index: int) -> Call:
        return Call(self, index)

    def calls(self, *kinds: Kind) -> Iterator[Call]:
        """The calls of these kinds, in order; all of them where none is named."""
        indices: Iterable[int] = range(len(self))
        if kinds:
            indices = compress(indices, map(set(map(int, kinds)).__contains__, self.kind))
        return map(self.call, indices)

    def value(self, index: int) -> Value:
        return Value(self, index)


@dataclass(frozen=True, slots=True)
class Call:
    """A view of one record of a trace."""

    trace: Trace
    index: int

    @property
    def kind(self) -> Kind:
        return Kind(self.trace.kind[self.index])

    @property
    def function(self) -> str:
        return self.trace.functions[self.trace.function[self.index]]

    @property
    def name(self) -> str:
        """The function's name without its module."""
        return self.function.rsplit(".", 1)[-1]

    @property
    def site(self) -> Site:
        return self.trace.sites[self.trace.site[self.index]]

    @property
    def stack(self) -> tuple[Site, ...]:
        """The whole stack, innermost first, or just the site where none was kept."""
        stack = self.trace.stack[self.index]
        if stack == NONE:
            return (self.site,)
        return tuple(self.trace.sites[site] for site in self.trace.stacks[stack])

    @property
    def flags(self) -> int:
        return self.trace.flags[self.index]

    @property
    def detail(self) -> int:
        return self.trace.detail[self.index]

    @property
    def order(self) -> int:
        return self.trace.order[self.index]

    @property
    def module(self) -> int:
        return self.trace.module[self.index]

    @property
    def inside(self) -> range:
        """Indices of the calls made inside this one."""
        return range(self.trace.begin[self.index], self.index)

    @property
    def inputs(self) -> array[int]:
        return self.trace.inputs[self.index]

    @property
    def outputs(self) -> array[int]:
        return self.trace.outputs[self.index]


@dataclass(frozen=True, slots=True)
class Value:
    """A view of one value of a trace."""

    trace: Trace
    index: int

    @property
    def producer(self) -> Call:
        return Call(self.trace, self.trace.producer[self.index])

    @property
    def tensor(self) -> int:
        return self.trace.tensor[self.index]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.trace.shapes[self.trace.shape[self.index]]

    @property
    def dtype(self) -> str:
        return self.trace.dtypes[self.trace.dtype[self.index]]

    @property
    def device(self) -> str:
        return self.trace.devices[self.trace.device[self.index]]

    @property
    def version(self) -> int:
        return self.trace.version[self.index]

    @property
    def storage(self) -> int:
        return self.trace.storage[self.index]

    @property
    def flags(self) -> int:
        return self.trace.value_flags[self.index]

    @property
    def requires_grad(self) -> bool:
        return bool(self.trace.value_flags[self.index] & (ValueFlag.REQUIRES_GRAD | ValueFlag.APART))

    @property
    def floating(self) -> bool:
        return bool(self.trace.value_flags[self.index] & ValueFlag.FLOATING)
