"""What the program calls its objects: the variables that hold them, in its frames and in the main module."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Iterator
from types import FrameType, ModuleType
from typing import Any

from torch import Tensor
from torch.nn import Module
from torch.optim import Optimizer

MANY = 1000
"""Attributes of an object that are looked at, at most."""


class Names:
    """Names of objects in the user's frames and in the main module, by identity."""

    def __init__(self, frames: Iterable[FrameType]) -> None:
        self.of: dict[int, str] = {}
        """By id of an object the name that it has where the program stands: that of the innermost frame."""
        self.outermost: dict[int, str] = {}
        """By id its name in the outermost frame: one function may be given several objects under one name."""
        main = sys.modules.get("__main__")
        spaces: list[dict[str, Any]] = []
        for frame in frames:
            spaces.append(local_names(frame))
            spaces.append(frame.f_globals)
        if main is not None:
            spaces.append(vars(main))
        for space in spaces:
            here: dict[int, str] = {}
            for name, item in list(space.items()):
                if not name.startswith("__"):
                    here.setdefault(id(item), name)
            self.of = {**here, **self.of}
            self.outermost.update(here)
        for space in spaces:
            holder = space.get("self")
            if holder is not None and not isinstance(holder, Tensor):
                for name, item in list(getattr(holder, "__dict__", {}).items()):
                    self.of.setdefault(id(item), f"self.{name}")
                    self.outermost.setdefault(id(item), f"self.{name}")
        self._in_objects(spaces)

    def _in_objects(self, spaces: Iterable[dict[str, Any]]) -> None:
        """What plain objects hold that the program has under a name: `gaussians.opacity`."""
        for space in spaces:
            for name, item in list(space.items()):
                if name != "self" and not name.startswith("__"):
                    for attribute, held in attributes(item):
                        self.of.setdefault(id(held), f"{name}.{attribute}")
                        self.outermost.setdefault(id(held), f"{name}.{attribute}")


def attributes(holder: object) -> Iterator[tuple[str, Any]]:
    """Tensors, modules and optimizers among the attributes of a plain object; none of its code is run."""
    if issubclass(type(holder), (type, ModuleType, Tensor, Module, Optimizer)):
        return
    try:
        found = object.__getattribute__(holder, "__dict__")
    except AttributeError:
        return
    for name, item in list(found.items())[:MANY]:
        if issubclass(type(item), (Tensor, Module, Optimizer)):
            yield name, item


def local_names(frame: FrameType) -> dict[str, Any]:
    """The variables of a frame, leaving no cached copy behind that would keep tensors alive."""
    found = dict(frame.f_locals)
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        frame.f_locals.clear()
    return found
