"""Who owns which tensor: modules, parameters and optimizers, found without being told the model."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from functools import cached_property

from gradtui.model.columns import NONE


class GradState(StrEnum):
    """What had come of a parameter's gradient."""

    NONE = "none"
    ZERO = "zero"
    """Exactly zero everywhere."""
    NONFINITE = "nan"
    """Some of it is NaN or infinite."""
    PRESENT = "present"
    """There is one; its values were looked at, or nobody asked to."""


ENOUGH = 3
"""Steps that have left a tensor as it was, though it had a gradient, from which on that is told."""
SHARE = 8
"""One in so many elements of a tensor of a coarse type, such as bfloat16, has to change for the tensor to
count as changed: some always do, those close to zero."""

LIVE = frozenset({GradState.PRESENT, GradState.NONFINITE})
"""States of a gradient that something came through to."""


class Role(StrEnum):
    """How a tensor hangs on its module."""

    PARAMETER = "parameter"
    """Registered: `module.parameters()` yields it."""
    BUFFER = "buffer"
    ATTRIBUTE = "attribute"
    """Kept as a plain attribute, or in a plain list or dict: torch doesn't know it belongs to the module."""
    LEAF = "leaf"
    """Belongs to no module: a leaf of the program's own that requires grad."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A tensor that could learn, or that a module keeps."""

    tensor: int
    """Identity as in `Trace.tensor`."""
    names: tuple[str, ...]
    """Full names, the likeliest first; several where it is tied."""
    role: Role
    shape: tuple[int, ...]
    dtype: str
    device: str
    requires_grad: bool
    is_leaf: bool
    version: int
    grad: GradState
    made: int = NONE
    """Index of the site (in `Trace.sites`) where the tensor was made, NONE where that wasn't seen."""
    made_by: str = ""
    """The function that made it: `torch.randn`; empty where that wasn't seen."""
    made_order: int = 0
    """When it was made, as in `Trace.order`."""
    odd_names: tuple[str, ...] = ()
    """Attributes somebody set on the tensor that look like a misspelt flag: `require_grad`."""
    retains_grad: bool = False
    hooks: int = 0

    @property
    def name(self) -> str:
        return self.names[0] if self.names else "a tensor"


@dataclass(frozen=True, slots=True)
class Module:
    """An `nn.Module` that was called or that owns parameters."""

    name: str
    """Path from the root module, `encoder.layers.0`; the root's own variable or class stands in `root`."""
    root: str
    kind: str
    """Its class."""
    training: bool
    parent: int = NONE
    called: bool = True
    odd_names: tuple[str, ...] = ()
    """Attributes that look like a flag meant for its parameters: `requires_grad` set on the module itself."""
    file: str = ""
    """Where its class is defined, absolute; empty where that is not known."""
    line: int = 0
    also: tuple[str, ...] = ()
    """Its other paths, where several modules share it; one from another root begins with that root's name."""
    registered: bool = True
    """False where its parent keeps it in a plain list, tuple, set, dict or dataclass, of which `parameters()`
    knows nothing."""


NUMBER = re.compile(r"(?:tensor\()?([-+]?\.?\d[\d.e+-]*)")
"""How the text of a number begins, or of a tensor of one."""


@dataclass(frozen=True, slots=True)
class Rates:
    """For how many steps in a row the learning rate of a group was 0 at first, then wasn't, and has been 0
    since."""

    idle_first: int
    moving: int = 0
    idle_since: int = 0

    @property
    def steps(self) -> int:
        return self.idle_first + self.moving + self.idle_since

    def is_over(self, least: int) -> bool:
        """Whether it has been 0 again for at least so many steps, and for longer than it wasn't."""
        return self.idle_since >= least and self.idle_since > self.moving


@dataclass(frozen=True, slots=True)
class Group:
    """One parameter group of an optimizer."""

    tensors: tuple[int, ...]
    options: tuple[tuple[str, str], ...] = ()
    """Learning rate, momentum and the rest, as text."""
    idle: bool = False
    """Its learning rate was exactly 0 at each step that the optimizer has made."""
    began_idle: bool = False
    """It was 0 when the optimizer was built."""
    rate_as_built: bool = False
    """It is the very number that it was then: nothing has set it since, not even to the same."""
    added: bool = False
    """The optimizer was built without it, and was given it by `add_param_group`."""

    @property
    def initial_rate(self) -> float | None:
        """The rate that a schedule of torch's goes out from; None where there is none."""
        found = NUMBER.match(dict(self.options).get("initial_lr", ""))
        return float(found[1]) if found else None


@dataclass(frozen=True)
class Optimizer:
    kind: str
    """Its class: `Adam`."""
    name: str
    """The variable that holds it, or its class where none was found."""
    groups: tuple[Group, ...]
    made: int = NONE
    """Index of the site where it was built."""
    made_order: int = 0
    made_stack: tuple[int, ...] = ()
    """Indices of the sites that were running then, innermost first."""
    schedule: int = NONE
    """Index of the site where the last schedule of its learning rates was made, of those that torch knows."""
    torchs: bool = True
    """Whether it is one of torch's own, which writes what it computes and keeps no other copy of weights."""
    steps: int = 0
    spent: int = 0
    """Steps that began with a group whose parameters are a generator that was used up."""
    moved: tuple[int, ...] = ()
    """Tensors that some step is known to have changed."""
    unmoved: tuple[int, ...] = ()
    """Tensors that at least ENOUGH steps have left as they were, though they had a gradient and a rate. Of
    many tensors some are looked at, and what was seen is told also when it is gone."""
    hardly_moved: tuple[int, ...] = ()
    """Tensors of a coarse type of which these have changed fewer than one in SHARE elements."""
    put_back: tuple[int, ...] = ()
    """Tensors that its steps change, and that are what they were before each time that one begins."""
    turns: tuple[tuple[int, ...], ...] = ()
    """Beside its groups, and told also once it is gone: for how many steps in a row the learning rate was 0,
    then wasn't, and so on, beginning with 0. Empty where that was switched often; see `rates`."""

    @cached_property  # asked of each of many parameters
    def tensors(self) -> frozenset[int]:
        return frozenset(tensor for group in self.groups for tensor in group.tensors)

    def rates(self, place: int) -> Rates | None:
        """What the learning rate of a group was, step by step; None where that isn't known, or it began or
        ceased to be 0 more often than it takes to run out."""
        turns = self._turns(place)
        return Rates(*turns) if 0 < len(turns) <= len(fields(Rates)) else None

    def has_moved(self, place: int) -> bool:
        """Whether the learning rate of a group is known to have been another than 0 at some step."""
        return len(self._turns(place)) > 1

    def _turns(self, place: int) -> tuple[int, ...]:
        return self.turns[place] if place < len(self.turns) else ()

    @property
    def steps_made(self) -> int:
        """How many it has made: one that was gone before the end is known by its turns alone."""
        return max(self.steps, *map(sum, self.turns), 0)


EVERY_STEP = 64
"""Steps of each optimizer that are told one by one. Of later ones those are that stand as none stood before,
and those that are looked at anyway, where they differ: which experts are chosen may change at every step."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the gradients of one optimizer stood when it stepped."""

    optimizer: int
    step: int
    """Counted from 1 for each optimizer."""
    order: int
    stop: int
    """The last backward before it, as `Stop.index`; 0 where none ran."""
    states: dict[int, GradState] = field(default_factory=dict)
    """By tensor, for every tensor the optimizer holds that requires grad or did when it was built."""
    reached: frozenset[int] = frozenset()
    """Tensors that some backward since the gradients were cleared has reached; empty where nobody looked."""
