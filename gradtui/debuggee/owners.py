"""Who owns which tensor: modules, parameters and optimizers, found without being told the model.

Modules are known from their calls and from a look through everything the garbage collector tracks, which is
taken only at stops. Nothing is held but by weak references.
"""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import compress
from types import FrameType
from typing import Any

from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

from gradtui.debuggee.garbage import uncollected
from gradtui.debuggee.module_scan import ModuleScan
from gradtui.debuggee.names import Names
from gradtui.debuggee.optimizer_record import OptimizerRecord, held_by, idle_groups, is_torchs, rates
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.repeats import forget_modules
from gradtui.model.columns import NONE

NEW = 64
"""New modules after which it is looked for what belongs to those that are gone."""


class Owners:
    """Numbers of modules and optimizers, and the look around that a snapshot needs."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.thread = threading.get_ident()
        """The one that is recorded."""
        self.modules: list[weakref.ref[Module]] = []
        self.called: set[int] = set()
        self.root_names: dict[int, str] = {}
        """By number of a module the variable that held it when it was looked at last."""
        self.optimizers: list[OptimizerRecord] = []
        """All that there ever were: their places are their numbers."""
        self.living: list[OptimizerRecord] = []
        """Those of them that existed when the newest was built."""
        self.stepped_and_gone = 0
        """How many of the others have stepped."""
        self.parameters_made = 0
        self._number: dict[int, int] = {}
        self._free: list[int] = []
        """Numbers of modules that are gone and that nothing tells of any more."""
        self._entered = 0
        """How many modules were new so far."""
        self._stamp = (-1, -1)
        self._collected: list[int] = []
        """How often the garbage collector has been through the older generations, when all was looked at."""
        self._sweep_at = NEW

    def module_number(self, module: Module) -> int:
        """The number of a module that is being called."""
        number = self._number.get(id(module))
        if number is None or self.modules[number]() is not module:
            number = NONE
            with self.recorder.contained:
                number = self._enter(module)
        self.called.add(number)
        return number

    def _enter(self, module: Module) -> int:
        self._entered += 1
        if self._entered >= self._sweep_at:
            self._sweep()
        if self._free:
            number = self._free.pop()
            self.modules[number] = weakref.ref(module)
        else:
            self.modules.append(weakref.ref(module))
            number = len(self.modules) - 1
        self._number[id(module)] = number
        return number

    def _is_gone(self, number: int) -> bool:
        return 0 <= number < len(self.modules) and self.modules[number]() is None

    def _sweep(self) -> None:
        """Forget what calls in modules that are gone came to; the rarer, the more there is of others."""
        left = 0
        for info in self.recorder.functions.by_function.values():
            forget_modules(info.repeats, self._is_gone)
            left += len(info.repeats)
        self._sweep_at = self._entered + max(NEW, left)

    def forget_gone(self) -> None:
        """Let others have the numbers of modules that are gone, where no call on the tape is theirs.

        A loss may be a module that is made for every call: of so many nothing may be left in the end. To be
        called when the tape was compacted.
        """
        gone = {number for number in range(len(self.modules)) if self._is_gone(number)}
        gone.difference_update(self._free)
        self._sweep()
        self.recorder.tape.forget_modules(gone)
        self.called -= gone
        for number in gone:
            self.root_names.pop(number, None)
        self._number = {key: number for key, number in self._number.items() if not self._is_gone(number)}
        self._free.extend(gone)

    def all_modules(self) -> list[Module]:
        """Every module there is. Looks for new ones only where parameters were made or modules met since."""
        stamp = (self.parameters_made, self._entered)
        if stamp != self._stamp:
            # Hundreds of thousands of objects: they are sifted by their types, in functions written in C. By
            # the types' ids, as a metaclass may forbid to hash its classes.
            objects = self._fresh_objects()
            kinds = dict(zip(map(id, map(type, objects)), map(type, objects), strict=True))
            wanted = {key for key, kind in kinds.items() if issubclass(kind, Module)}
            for item in compress(objects, map(wanted.__contains__, map(id, map(type, objects)))):
                number = self._number.get(id(item))
                if number is None or self.modules[number]() is not item:
                    self._enter(item)
            self._stamp = (self.parameters_made, self._entered)
        return [module for ref in self.modules if (module := ref()) is not None]

    def _fresh_objects(self) -> list[Any]:
        """All objects that may be new since this was asked last.

        What is new is young, and stays apart from the many that are old, until the garbage collector has been
        through more than the youngest; a program may make a model for every task. From Python 3.14 on it
        moves some at any time.
        """
        with uncollected():
            collected = [one["collections"] for one in gc.get_stats()[1:]]
            young = collected == self._collected and sys.version_info < (3, 14)
            self._collected = collected
            return gc.get_objects(0) + gc.get_objects(1) if young else gc.get_objects()

    def built(self, optimizer: Optimizer, site: int, order: int, stack: tuple[int, ...] = ()) -> None:
        known = self.optimizer_number(optimizer)
        kind, began, given = type(optimizer).__name__, idle_groups(optimizer), rates(optimizer)
        ref = weakref.ref(optimizer)
        entry = OptimizerRecord(ref, kind, site, order, stack, began_idle=began, first_rates=given)
        entry.torchs = is_torchs(optimizer)
        entry.holds(held_by(optimizer))
        entry.elsewhere = threading.get_ident() != self.thread
        self._part_with_gone()
        if known == NONE:
            entry.number = len(self.optimizers)
            self.optimizers.append(entry)
        else:
            entry.number, before = known, self.optimizers[known]
            self.living[:] = [one for one in self.living if one is not before]
            self.optimizers[known] = entry
        self.living.append(entry)

    def _part_with_gone(self) -> None:
        """Of optimizers that are gone nothing is asked any more: a program that adapts a copy of a model over
        and over builds any number."""
        gone = [entry for entry in self.living if entry.ref() is None]
        for entry in gone:
            self.stepped_and_gone += entry.steps > 0
            entry.is_over()
        if gone:
            self.living[:] = [entry for entry in self.living if entry.ref() is not None]

    @contextmanager
    def let_go(self, *tensors: Tensor) -> Iterator[None]:
        """Within it no optimizer is known to have been built with these, so none has a weak reference."""
        with ExitStack() as stack:
            for record in self.living:
                stack.enter_context(record.let_go(tensors))
            yield

    def steps_elsewhere(self, optimizer: Optimizer) -> None:
        """Note that it steps in another thread than the one that is recorded."""
        if (entry := self.record_of(optimizer)) is not None:
            entry.elsewhere = True

    def record_of(self, optimizer: Optimizer) -> OptimizerRecord | None:
        """What is known of an optimizer; None where it was built unseen."""
        return next((entry for entry in self.living if entry.ref() is optimizer), None)

    def optimizer_number(self, optimizer: Optimizer) -> int:
        entry = self.record_of(optimizer)
        return NONE if entry is None else entry.number

    def look(self, frames: Iterable[FrameType], tensor_number: Any) -> ModuleScan:
        """Everything that owns tensors now, with the names that the program's own frames give it."""
        return ModuleScan(self, Names(frames), tensor_number)


def held_now(owners: Owners) -> Iterator[Tensor]:
    """Tensors in the groups of optimizers that exist, and parameters of modules that were called."""
    for entry in owners.living:
        yield from entry.held()
    for ref in owners.modules:
        module = ref()
        if module is not None:
            for parameter in module._parameters.values():
                if parameter is not None:
                    yield parameter
