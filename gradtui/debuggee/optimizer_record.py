"""One optimizer, when and where it was built, and what its steps have told of it."""

from __future__ import annotations

import weakref
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import and_
from types import GeneratorType
from typing import Any

from torch import Tensor
from torch.nn import Parameter
from torch.optim import Optimizer

from gradtui.debuggee.optimizer_writes import Row
from gradtui.debuggee.step_effect import StepEffect
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
    """The ids of the tensors in `first`: while these live no other object can have one of them."""
    gone: list[weakref.ref[Tensor]] = field(default_factory=list)
    """References to the tensors in `first` that have died."""
    plain: bool = False
    """Whether all tensors in `first` are of the class `Parameter` itself: then they stay leaves."""
    numbers: Sequence[int] = ()
    """The identities of the tensors in `first`, once they are known; they never change."""
    row: Row = field(default_factory=lambda: Row(()))
    """The tensors in `first` as they stand on the tape."""
    name: str = ""
    """The variable that held it when it was looked at last."""
    elsewhere: bool = False
    """Whether it steps in another thread, whose backwards may be writing the gradients of its tensors now."""
    torchs: bool = True
    """Whether it is one of torch's own."""
    schedule: int = NONE
    """The site at which the last schedule of its learning rates was made."""
    steps: int = 0
    spent: int = 0
    """Steps that began with a group that was used up."""
    effect: StepEffect = field(default_factory=StepEffect)
    """What its steps have changed."""
    left_out: int = 0
    """Steps since the last that it made, which a GradScaler has left out."""
    backwards: int = 0
    """Backwards since the last step that it made."""
    unusable: int = 0
    """How many times in a row its gradients held NaN when they were looked at after a backward."""
    began_idle: Sequence[bool] = ()
    """For each group it was built with, whether its learning rate was 0 then."""
    first_rates: Sequence[float | None] = ()
    """For each group it was built with, the very object that its learning rate was; None for a tensor."""
    idle_now: list[bool] = field(default_factory=list)
    """For each group, whether its learning rate was 0 at the last step."""
    idle: list[bool] = field(default_factory=list)
    """For each group, whether its learning rate was 0 at every step so far."""
    switched: list[tuple[int, list[bool]]] = field(default_factory=list)
    """The steps before which `idle_now` changed, each with what it was from there on."""

    def holds(self, tensors: Sequence[Tensor]) -> None:
        """Note the tensors that it is built with."""
        # A function of C's: in one of Python's an interrupt would be lost.
        note = self.gone.append
        self.first = [weakref.ref(tensor, note) for tensor in tensors]
        self.ids = list(map(id, tensors))
        self.row = Row(self.ids)
        self.plain = {Parameter}.issuperset(map(type, tensors))

    def is_over(self) -> None:
        """Forget what it held, as the optimizer itself is gone."""
        self.first, self.ids, self.gone, self.numbers, self.row = [], [], [], (), Row(())
        self.effect.is_over()

    @contextmanager
    def let_go(self, tensors: Sequence[Tensor]) -> Iterator[None]:
        """Hold no weak reference to these tensors within this block, in which their classes may change."""
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
        return [] if optimizer is None else self.held_in(optimizer)

    def held_in(self, optimizer: Optimizer) -> list[Tensor]:
        """What it holds now, it being this one."""
        groups = optimizer.param_groups
        if len(groups) == 1 and type(groups[0]["params"]) is list:  # as a rule
            return list(groups[0]["params"])
        return [tensor for group in self.by_group(optimizer) for tensor in group]

    def by_group(self, optimizer: Optimizer) -> list[Sequence[Tensor]]:
        """What each of its groups holds. Of one that can't be asked it is what no other has of those that it
        was built with."""
        groups = [tensors_in(group) for group in optimizer.param_groups]
        if None not in groups:
            return [group or () for group in groups]
        listed = {id(tensor) for group in groups if group is not None for tensor in group}
        left = [tensor for ref in self.first if (tensor := ref()) is not None and id(tensor) not in listed]
        place = groups.index(None)
        return [left if number == place else group or () for number, group in enumerate(groups)]

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


def rates(optimizer: Optimizer, missing: float | None = None) -> list[float | None]:
    """By group the learning rate, `missing` where it has none; None for one that is a tensor, which isn't
    asked: it may wait."""
    found = (group.get("lr", missing) for group in optimizer.param_groups)
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


def tensors_in(group: Mapping[str, Any]) -> Sequence[Tensor] | None:
    """The tensors of a group, as far as a program may be asked for them: torch makes a list of them, but what
    is put in its place later may be an iterator, which a look would use up. None for that."""
    held = group["params"]
    if type(held) is list:
        return held
    return list(held) if isinstance(held, Collection) and not isinstance(held, Tensor) else None


def held_by(optimizer: Optimizer) -> list[Tensor]:
    """The tensors in an optimizer's groups, as far as these can be asked."""
    return [tensor for group in optimizer.param_groups for tensor in tensors_in(group) or ()]


def is_spent(optimizer: Optimizer) -> bool:
    """Whether one of its groups has a generator that has given all it had: to a step it is empty."""
    held = (group["params"] for group in optimizer.param_groups)
    return any(isinstance(one, GeneratorType) and one.gi_frame is None for one in held)
