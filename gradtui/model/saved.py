"""What the nodes of a backward keep for it: the tensors they saved, and the bytes that these hold."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from gradtui.model.columns import ints


@dataclass(frozen=True, slots=True)
class Saved:
    """Saved tensors as columns, in the order of their nodes. The tables hold what the numbers stand for."""

    attributes: tuple[str, ...] = ()
    """As torch names them, without the `_saved_`: `self`, `result`; those of a list `tensors[0]`."""
    shapes: tuple[tuple[int, ...], ...] = ()
    dtypes: tuple[str, ...] = ()

    # one number a saved tensor
    node: array[int] = field(default_factory=ints)
    attribute: array[int] = field(default_factory=ints)
    shape: array[int] = field(default_factory=ints)
    dtype: array[int] = field(default_factory=ints)
    storage: array[int] = field(default_factory=ints)
    """The same number, the same memory; NONE where that isn't known."""
    size: array[int] = field(default_factory=ints)
    """Bytes of its whole storage, which a view of it keeps alive too."""
    owner: array[int] = field(default_factory=ints)
    """Identity, as in `Trace.tensor`, of the parameter or other leaf whose memory it is; NONE otherwise."""
    expected: array[int] = field(default_factory=ints)
    """The version that was saved."""
    actual: array[int] = field(default_factory=ints)
    """Its version now."""

    hooked: int = 0
    """How many nodes weren't asked: reading them would have run the program's own saved-tensor hooks."""
    unread: int = 0
    """How many nodes weren't reached in the time there was."""

    def __len__(self) -> int:
        return len(self.node)
