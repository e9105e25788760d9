"""Whether an optimizer's steps change what it holds: some elements of each tensor, as they were before the
first step, beside what they are after others, and when the next begins.

An update that is smaller than what a type can tell from the old value is rounded away without a word, and a
step of somebody's own may compute new values and write them nowhere. And what a step has changed may be put
back before the next.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

import torch
from torch import Tensor

from gradtui.debuggee.devices import waiting
from gradtui.debuggee.grad_states import is_large, sample
from gradtui.debuggee.passive import plain_tensors
from gradtui.debuggee.readings import at_hand, undisturbed
from gradtui.model.owners import ENOUGH, SHARE

MOST = 512
"""Tensors of an optimizer that are looked at, evenly spread."""
OFTEN = 256
"""Steps at each of which is looked where everything is; of later ones, and elsewhere, at ever fewer."""
WHOLE = 1 << 16
"""Elements up to which a tensor is looked at as a whole where no sample can be taken without a copy."""
COARSE = frozenset({torch.bfloat16, torch.float16})
"""Types of so few digits that some elements always move: what is close to zero."""


@dataclass(slots=True)
class StepEffect:
    """What the steps of one optimizer have changed so far. Holds copies of its own, and no tensor."""

    moved: list[int] = field(default_factory=list)
    """Tensors that some step has changed, by identity."""
    looks: dict[int, int] = field(default_factory=dict)
    """By identity at how many steps a tensor was looked at that none has changed, with a gradient for it."""
    few: set[int] = field(default_factory=set)
    """Those of `looks` of which some elements have changed all the same, as of a coarse type they do."""
    times_back: dict[int, int] = field(default_factory=dict)
    """By identity at how many steps in a row a tensor was again what it had been before a step changed it."""
    _changed: dict[int, tuple[int, Tensor]] = field(default_factory=dict)
    """By place the tensors that a step has changed and that were not seen to stay so, each with what it was
    before."""
    _samples: dict[int, tuple[int, Tensor]] | None = None
    """By place the tensors that no step has changed, each with what it was before the first."""
    _asked: dict[int, Tensor] = field(default_factory=dict)
    """By place, which of these elements have a gradient at the step that is being made."""
    _without: set[int] = field(default_factory=set)
    """Places of those that have none, and that the step may change all the same."""
    _rates: Sequence[float] = ()
    """By group the rate of the step that was looked at last."""

    def unmoved(self) -> list[int]:
        """Tensors that steps don't change, as far as enough of them were looked at."""
        return [one for one, looks in self.looks.items() if looks >= ENOUGH and one not in self.few]

    def hardly_moved(self) -> list[int]:
        """Tensors of which steps change a few elements, as far as enough were looked at."""
        return [one for one, looks in self.looks.items() if looks >= ENOUGH and one in self.few]

    def put_back(self) -> list[int]:
        """Tensors that steps change, and that are as they were each time that one begins."""
        return [one for one, times in self.times_back.items() if times >= ENOUGH]

    def is_awaited(self, step: int, *, each: bool) -> bool:
        """Whether it is to be looked, before a step, at what steps have changed."""
        return bool(self._changed) and (step <= ENOUGH + 1 or _is_wanted(step, each=each))

    def is_due(self, step: int, *, each: bool) -> bool:
        """Whether a step is to be looked at, counted from 1; `each` where all are."""
        return _is_wanted(step, each=each) and (self._samples is None or bool(self._samples))

    def is_over(self) -> None:
        """Look at no further step: what was seen so far stands."""
        self._samples, self._changed, self._asked, self._without = {}, {}, {}, set()

    def forget(self) -> None:
        """Say nothing of steps any more: it holds other tensors than at its first one."""
        self.is_over()
        self.looks, self.few, self.times_back = {}, set(), {}

    def between(self, tensors: Sequence[Tensor], *, everywhere: bool) -> None:
        """A step of these tensors begins: compare what steps have changed with what it was before."""
        with undisturbed(), waiting():
            for place, (number, before) in [*self._changed.items()]:
                now = _some(tensors[place], everywhere)
                if now is None or now.shape != before.shape or (before != now).any():
                    del self._changed[place]
                    self.times_back.pop(number, None)
                else:
                    self.times_back[number] = self.times_back.get(number, 0) + 1

    def before(
        self,
        rates: Sequence[float],
        held: Sequence[Sequence[Tensor]],
        numbers: Sequence[int],
        *,
        by_gradient: bool,
        everywhere: bool,
    ) -> None:
        """A step begins. `rates` is by group, 0 where a rate isn't known, and `held` what `numbers` has the
        identities of; `by_gradient` where it changes nothing that has no gradient.

        Unless `everywhere`, nothing is asked of a tensor that would be waited for.
        """
        rose = any(now > before for now, before in zip(rates, self._rates, strict=False))
        self._rates = rates
        if rose:  # as in a warm-up: what didn't change at a smaller rate may at this one
            self.looks, self.few = {}, set()
        moves = [rate > 0 and not rose for rate in rates]
        tensors = [*chain.from_iterable(held)]
        moving = [*chain.from_iterable([one] * len(some) for one, some in zip(moves, held, strict=True))]
        self._asked, self._without = {}, set()
        with undisturbed(), waiting():
            if self._samples is None:
                every = max(1, -(-len(tensors) // MOST))
                places = range(0, len(tensors), every)
                copies = ((place, _some(tensors[place], everywhere)) for place in places)
                self._samples = {
                    place: (numbers[place], copy.clone()) for place, copy in copies if copy is not None
                }
            for place in self._samples if any(moving) else ():
                tensor = tensors[place]
                grad = tensor.grad if moving[place] and tensor.is_leaf else None
                if grad is None and moving[place] and not by_gradient:
                    self._asked[place] = torch.ones_like(self._samples[place][1], dtype=torch.bool)
                    self._without.add(place)
                    continue
                had = None if grad is None or grad.shape != tensor.shape else _some(grad, everywhere)
                if had is None or had.shape != self._samples[place][1].shape:
                    continue
                asked = had.ne(0)
                if asked.any() and had.isfinite().all():
                    self._asked[place] = asked

    def after(self, tensors: Sequence[Tensor], *, rounds: bool, everywhere: bool) -> bool:
        """A step of these tensors has ended. `rounds` where nothing but rounding keeps it from writing.

        Gives whether it is news that steps don't change some of them.
        """
        if not self._asked:  # as at all but the first steps
            return False
        asked, self._asked = self._asked, {}
        samples, news = self._samples or {}, False
        with undisturbed(), waiting():
            for place, had in asked.items():
                number, before = samples[place]
                share = _share(before, _some(tensors[place], everywhere), had)
                if share * SHARE >= 1 if rounds and before.dtype in COARSE else share > 0:
                    self._changed[place] = samples.pop(place)
                    self.looks.pop(number, None)
                    self.moved.append(number)
                    continue
                if place in self._without:
                    continue
                if share > 0:
                    self.few.add(number)
                self.looks[number] = self.looks.get(number, 0) + 1
                news = news or self.looks[number] == ENOUGH
        return news


def _is_wanted(step: int, *, each: bool) -> bool:
    return step & (step - 1) == 0 or (each and step <= OFTEN)


def _share(before: Tensor, now: Tensor | None, had: Tensor) -> float:
    """How many elements have changed, for each that had a gradient."""
    if now is None or now.shape != before.shape:
        return 1.0
    count, of = torch.stack([(before != now).sum(), had.sum()]).tolist()
    return float(count / of)


def _some(tensor: Tensor, everywhere: bool) -> Tensor | None:
    """What is looked at of a tensor; None of one that can't be looked at, or that would be waited for."""
    if type(tensor) not in plain_tensors or tensor.layout is not torch.strided or tensor.is_meta:
        return None
    if not (everywhere or at_hand(tensor)) or not (tensor.is_floating_point() or tensor.is_complex()):
        return None
    values = tensor.detach()
    if is_large(values):
        return sample(values)
    return values if 0 < values.numel() <= WHOLE else None
