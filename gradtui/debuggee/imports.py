"""Notice when the program imports torch, without importing it for the program."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from gradtui.debuggee.tracebacks import unseen


class TorchImport:
    """A meta path entry that finds nothing itself, and calls `imported` once torch has been imported."""

    def __init__(self, imported: Callable[[], None]) -> None:
        self._imported = imported

    def install(self) -> None:
        """Begin to look. Where torch is there already (a .pth file can do that), say so at once."""
        if "torch" in sys.modules:
            self._imported()
        else:
            sys.meta_path.insert(0, self)

    def remove(self) -> None:
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    @unseen
    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """What the other entries find, its loader told to call back."""
        if name != "torch":
            return None
        for finder in sys.meta_path:
            find: Any = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = None if finder is self or find is None else find(name, path, target)
            if spec is not None:
                self._follow(spec.loader)
                return spec
        return None

    def _follow(self, loader: Any) -> None:
        """Shadow the loader's `exec_module` for one call, on this very loader."""
        load = getattr(loader, "exec_module", None)
        if load is None:
            return

        @unseen
        def exec_module(module: ModuleType) -> None:
            load(module)
            loader.__dict__.pop("exec_module", None)
            self.remove()
            self._imported()

        loader.exec_module = exec_module
