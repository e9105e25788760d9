"""Who owns which tensor: modules, parameters and optimizers, found without being told the model.

Modules are known from their calls and from a look through everything the garbage collector tracks, which is
taken only at stops. Nothing is held but by weak references.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import compress
from types import FrameType
from typing import Any

from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

from gradtui.debuggee.around import Around
from gradtui.debuggee.built import Built, held_by, idle_groups, rates
from gradtui.debuggee.names import Names
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.repeats import forget_modules
from gradtui.model.columns import NONE

NEW = 64
"""New modules after which it is looked for what belongs to those that are gone."""


class Owners:
    """Numbers of modules and optimizers, and the look around that a snapshot needs."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.modules: list[weakref.ref[Module]] = []
        self.called: set[int] = set()
        self.root_names: dict[int, str] = {}
        """By number of a module the variable that held it when it was looked at last."""
        self.optimizers: list[Built] = []
        self.parameters_made = 0
        self._number: dict[int, int] = {}
        self._free: list[int] = []
        """Numbers of modules that are gone and that nothing tells of any more."""
        self._entered = 0
        """How many modules were new so far."""
        self._stamp = (-1, -1)
        self._sweep_at = NEW

    def module_number(self, module: Module) -> int:
        """The number of a module that is being called."""
        number = self._number.get(id(module))
        if number is None or self.modules[number]() is not module:
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
            objects = gc.get_objects()
            kinds = dict(zip(map(id, map(type, objects)), map(type, objects), strict=True))
            wanted = {key for key, kind in kinds.items() if issubclass(kind, Module)}
            for item in compress(objects, map(wanted.__contains__, map(id, map(type, objects)))):
                number = self._number.get(id(item))
                if number is None or self.modules[number]() is not item:
                    self._enter(item)
            self._stamp = (self.parameters_made, self._entered)
        return [module for ref in self.modules if (module := ref()) is not None]

    def built(self, optimizer: Optimizer, site: int, order: int) -> None:
        known = self.optimizer_number(optimizer)
        kind, began, given = type(optimizer).__name__, idle_groups(optimizer), rates(optimizer)
        entry = Built(weakref.ref(optimizer), kind, site, order, began_idle=began, first_rates=given)
        entry.holds(held_by(optimizer))
        if known == NONE:
            self.optimizers.append(entry)
        else:
            self.optimizers[known] = entry

    @contextmanager
    def let_go(self, *tensors: Tensor) -> Iterator[None]:
        """Within it no optimizer is known to have been built with these, so none has a weak reference."""
        with ExitStack() as stack:
            for built in self.optimizers:
                stack.enter_context(built.let_go(tensors))
            yield

    def optimizer_number(self, optimizer: Optimizer) -> int:
        for number, entry in enumerate(self.optimizers):
            if entry.ref() is optimizer:
                return number
        return NONE

    def look(self, frames: Iterable[FrameType], tensor_number: Any) -> Around:
        """Everything that owns tensors now, with the names that the program's own frames give it."""
        return Around(self, Names(frames), tensor_number)


def held_now(owners: Owners) -> Iterator[Tensor]:
    """Tensors in the groups of optimizers that exist, and parameters of modules that were called."""
    for entry in owners.optimizers:
        yield from entry.held()
    for ref in owners.modules:
        module = ref()
        if module is not None:
            for parameter in module._parameters.values():
                if parameter is not None:
                    yield parameter
