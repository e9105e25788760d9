"""What nodes have saved for backward, read when the user asks for it and never before.

Nodes whose saved tensors go through the program's hooks are left alone: reading those runs its code. Nothing
that is read outlives the reading.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor

from gradtui.debuggee.capture import VERSIONS
from gradtui.model.columns import NONE, ints
from gradtui.model.saved import Saved

EVERY = 5_000
"""Nodes between two signs of progress."""
SECONDS = 10.0
"""How long nodes are read at most."""
RAW = "_raw_saved_"

Progress = Callable[[int, int], bool]
"""Is told how far the reading has come; whether it is to go on."""
Held = tuple[str, Tensor, tuple[int, int] | None]
"""A saved tensor, what it is called, and its versions, saved and now, where they differ."""


def saved(
    nodes: Sequence[Any],
    hooked: Callable[[int], bool],
    owners: Mapping[int, int],
    progress: Progress,
    clock: Callable[[], float] = time.monotonic,
) -> Saved:
    """What these nodes have saved; to be called where nothing of ours is recorded.

    `hooked` tells of a sequence number whether saved-tensor hooks were in force then, `owners` has by storage
    (see `storage_of`) the identity of the leaf that it belongs to.
    """
    found = _Reading(owners)
    until, shy, done = clock() + SECONDS, 0, 0
    for done, node in enumerate(nodes):
        if done and not done % EVERY and (not progress(done, len(nodes)) or clock() > until):
            break
        if _attributes(type(node)):
            shy += hooked(node._sequence_nr()) or not found.read(done, node)
    else:
        done = len(nodes)
    return found.saved(hooked=shy, unread=len(nodes) - done)


def storage_of(tensor: Tensor) -> int:
    """A number for the memory of a tensor, while that is alive; NONE for one without any of its own."""
    try:
        storage = tensor.untyped_storage()
        return int(storage._cdata) if storage.nbytes() else NONE
    except (RuntimeError, NotImplementedError, AttributeError):
        return NONE  # sparse, or a wrapper


def saved_by(node: Any) -> Iterator[Tensor]:
    """What a node has saved, as it was then; nothing of one that can't be read without the program's code."""
    attributes = _attributes(type(node))
    if any(_is_hooked(_raw(node, attribute)) for attribute in attributes):
        return
    for attribute in attributes:
        for _, tensor, versions in _held(node, attribute):
            if versions is None:
                yield tensor


class _Reading:
    """Columns as they grow."""

    def __init__(self, owners: Mapping[int, int]) -> None:
        self.owners = owners
        self.attributes: dict[str, int] = {}
        self.shapes: dict[tuple[int, ...], int] = {}
        self.dtypes: dict[str, int] = {}
        self.storages: dict[int, int] = {}
        self.node, self.attribute, self.shape, self.dtype = ints(), ints(), ints(), ints()
        self.storage, self.size, self.owner = ints(), ints(), ints()
        self.expected, self.actual = ints(), ints()

    def read(self, index: int, node: Any) -> bool:
        """Note what a node has saved; False where that can't be read without running the program's code."""
        for attribute in _attributes(type(node)):
            if _is_hooked(_raw(node, attribute)):
                return False
        for attribute in _attributes(type(node)):
            for name, tensor, versions in _held(node, attribute):
                self._add(index, name, tensor, versions)
        return True

    def _add(self, index: int, name: str, tensor: Tensor, versions: tuple[int, int] | None) -> None:
        storage = storage_of(tensor)
        size = tensor.untyped_storage().nbytes() if storage != NONE else _values(tensor)
        expected, actual = versions or (tensor._version, tensor._version)
        self.node.append(index)
        self.attribute.append(self.attributes.setdefault(name, len(self.attributes)))
        self.shape.append(self.shapes.setdefault(_shape(tensor), len(self.shapes)))
        dtype = str(tensor.dtype).removeprefix("torch.")
        self.dtype.append(self.dtypes.setdefault(dtype, len(self.dtypes)))
        known = self.storages.setdefault(storage, len(self.storages)) if storage != NONE else NONE
        self.storage.append(known)
        self.size.append(size)
        self.owner.append(self.owners.get(storage, NONE) if storage != NONE else NONE)
        self.expected.append(expected)
        self.actual.append(actual)

    def saved(self, *, hooked: int, unread: int) -> Saved:
        return Saved(
            tuple(self.attributes),
            tuple(self.shapes),
            tuple(self.dtypes),
            self.node,
            self.attribute,
            self.shape,
            self.dtype,
            self.storage,
            self.size,
            self.owner,
            self.expected,
            self.actual,
            hooked,
            unread,
        )


_ATTRIBUTES: dict[type, tuple[str, ...]] = {}


def _attributes(kind: type) -> tuple[str, ...]:
    """What nodes of a type save as tensors, without the other things they remember."""
    if kind not in _ATTRIBUTES:
        _ATTRIBUTES[kind] = tuple(name.removeprefix(RAW) for name in dir(kind) if name.startswith(RAW))
    return _ATTRIBUTES[kind]


def _raw(node: Any, attribute: str) -> Any:
    """What a node has saved, unread; nothing where that is a list that an earlier backward has freed."""
    try:
        return getattr(node, RAW + attribute)
    except RuntimeError:
        return ()


def _is_hooked(raw: Any) -> bool:
    """Whether a hook stands between what was saved and who reads it, as newer torch can tell."""
    each = raw if isinstance(raw, (tuple, list)) else (raw,)
    return any(getattr(one, "unpack_hook", None) is not None for one in each)


def _held(node: Any, attribute: str) -> Iterator[Held]:
    """The tensors under one name: one, several or none."""
    # A custom Function has a single list, and calls it otherwise.
    reader = f"_saved_{attribute}" if hasattr(type(node), f"_saved_{attribute}") else f"saved_{attribute}"
    versions = None
    try:
        value = getattr(node, reader)
    except RuntimeError as error:
        match = VERSIONS.search(str(error))
        if match is None:
            return  # an earlier backward has freed it
        versions = int(match[2]), int(match[1])
        value = _written(_raw(node, attribute))
    several = isinstance(value, (tuple, list))
    for number, tensor in enumerate(value if several else (value,)):
        if isinstance(tensor, Tensor):
            changed = versions if versions is not None and tensor._version != versions[0] else None
            yield f"{attribute}[{number}]" if several else attribute, tensor, changed


def _written(raw: Any) -> Any:
    """What was saved and has been written since; nothing where torch is too old to give it."""
    if isinstance(raw, (tuple, list)):
        return tuple(getattr(one, "data", None) for one in raw)
    return getattr(raw, "data", None)


def _shape(tensor: Tensor) -> tuple[int, ...]:
    try:
        return tuple(tensor.shape)
    except RuntimeError:
        return ()  # a nested tensor's isn't one


def _values(tensor: Tensor) -> int:
    """Bytes of the values of a tensor without a storage of its own, as far as it tells."""
    try:
        return int(tensor._values().nbytes) if tensor.is_sparse else 0
    except (RuntimeError, NotImplementedError, AttributeError):
        return 0
