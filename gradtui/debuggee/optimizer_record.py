"""One optimizer, when and where it was built, and what its steps have told of it."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import and_
from typing import Any

from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

from gradtui.debuggee.optimizer_writes import Row
from gradtui.model.columns import NONE

SWITCHED = 8
"""Times that groups of an optimizer begin or cease to have a rate of 0, from which on it isn't noted when."""
NUMBERS = (float, int)
GONE: Any = lambda: None  # noqa: E731 - in the place of a weak reference
"""Points at nothing."""


@dataclass(slots=True)
class OptimizerRecord:
    """An optimizer, when and where it was built."""

    ref: weakref.ref[Optimizer]
    kind: str
    site: int
    order: int
    stack: tuple[int, ...] = ()
    """Beside `site`, and from there on outwards: the lines that were running."""
    number: int = NONE
    """Its place among all that were built."""
    first: list[weakref.ref[Tensor]] = field(default_factory=list)
    """What it held when it was built."""
    ids: list[int] = field(default_factory=list)
    """Of these tensors: while they live nobody else can have them."""
    gone: list[weakref.ref[Tensor]] = field(default_factory=list)
    """References to those that have died."""
    plain: bool = False
    """All of them are parameters of no class of their own: leaves, as long as they live."""
    numbers: Sequence[int] = ()
    """Their numbers, once they are known; they stay theirs."""
    row: Row = field(default_factory=lambda: Row(()))
    """Of these."""
    name: str = ""
    """The variable that held it when it was looked at last."""
    steps: int = 0
    left_out: int = 0
    """Steps since the last that it made, which a GradScaler has left out."""
    backwards: int = 0
    """Backwards since then."""
    unusable: int = 0
    """How often in a row its gradients were no numbers when they were asked for after one of these."""
    began_idle: Sequence[bool] = ()
    """Beside the groups it was built with: whether their learning rate was 0 then."""
    first_rates: Sequence[float | None] = ()
    """Beside them: the objects that their learning rates were, but for tensors."""
    idle_now: list[bool] = field(default_factory=list)
    """Beside its groups: whether their learning rate was 0 at the last step."""
    idle: list[bool] = field(default_factory=list)
    """Beside its groups: whether their learning rate was 0 at each step so far."""
    switched: list[tuple[int, list[bool]]] = field(default_factory=list)
    """The steps before which that changed for some group, each with whether they were 0 from there on."""

    def holds(self, tensors: Sequence[Tensor]) -> None:
        """It is built, with these."""
        # A function of C's: in one of Python's an interrupt would be lost.
        note = self.gone.append
        self.first = [weakref.ref(tensor, note) for tensor in tensors]
        self.ids = list(map(id, tensors))
        self.row = Row(self.ids)
        self.plain = {Parameter}.issuperset(map(type, tensors))

    def is_over(self) -> None:
        """It is gone: what it held needn't be known any more."""
        self.first, self.ids, self.gone, self.numbers, self.row = [], [], [], (), Row(())

    @contextmanager
    def let_go(self, tensors: Sequence[Tensor]) -> Iterator[None]:
        """Within it there is no weak reference to these; their classes may be others afterwards."""
        places = [(place, one) for one in tensors for place, ref in enumerate(self.first) if ref() is one]
        for place, _ in places:
            self.first[place] = GONE
        try:
            yield
        finally:
            for place, tensor in places:
                self.first[place] = weakref.ref(tensor, self.gone.append)
            self.numbers, self.row, self.plain = (), Row(self.ids), False

    def held(self) -> list[Tensor]:
        """What it holds now; nothing where it is gone."""
        optimizer = self.ref()
        return [] if optimizer is None else held_by(optimizer)

    def as_built(self, held: Sequence[Tensor]) -> bool:
        """Whether these are the very tensors that it was built with."""
        return not self.gone and list(map(id, held)) == self.ids

    def with_lost(self, held: Sequence[Tensor]) -> list[Tensor]:
        """These tensors, and others that it was built with and somebody still has."""
        tensors = {id(tensor): tensor for tensor in held}
        for ref in self.first:
            tensor = ref()
            if tensor is not None:
                tensors.setdefault(id(tensor), tensor)
        return [*tensors.values()]

    def stepped(self, optimizer: Optimizer) -> None:
        """Count a step that it makes."""
        self.steps += 1
        now = idle_groups(optimizer)
        if now == self.idle_now:
            return
        self.idle_now = now
        self.idle = [*map(and_, self.idle, now), *now[len(self.idle) :]]
        if len(self.switched) < SWITCHED and (not self.switched or self.switched[-1][1] != now):
            self.switched.append((self.steps - 1, now))

    def turns(self, place: int) -> tuple[int, ...]:
        """For how many steps in a row the rate of a group was 0, then wasn't, and so on."""
        if len(self.switched) >= SWITCHED or any(len(now) <= place for _, now in self.switched):
            return ()
        found = [0]
        ends = [*(steps for steps, _ in self.switched[1:]), self.steps]
        for (begin, now), end in zip(self.switched, ends, strict=False):
            if now[place] is (len(found) % 2 == 0):
                found.append(0)
            found[-1] += end - begin
        return tuple(found)


def rates(optimizer: Optimizer) -> list[float | None]:
    """By group the learning rate; None for one that is a tensor, which isn't asked: it may wait."""
    found = (group.get("lr") for group in optimizer.param_groups)
    return [rate if type(rate) in NUMBERS else None for rate in found]


def idle_groups(optimizer: Optimizer) -> list[bool]:
    """By group, whether the learning rate is exactly 0."""
    groups = optimizer.param_groups
    return [type(rate := group.get("lr")) in NUMBERS and rate == 0 for group in groups]


def is_torchs(optimizer: Optimizer) -> bool:
    """Whether it is one of torch's own: it changes no gradient."""
    return type(optimizer).__module__.startswith("torch.optim.")


def writes_by_gradient(optimizer: Optimizer) -> bool:
    """Whether what it writes must have had a gradient: an LBFGS takes zeros where there is none."""
    return is_torchs(optimizer) and hasattr(optimizer, "_init_group")


def held_by(optimizer: Optimizer) -> list[Tensor]:
    """The tensors in an optimizer's groups."""
    groups = optimizer.param_groups
    if len(groups) == 1:  # as a rule
        return list(groups[0]["params"])
    return [tensor for group in optimizer.param_groups for tensor in group["params"]]
