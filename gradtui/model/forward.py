"""How the values of a forward pass stood, where its loss was no finite number."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from enum import IntEnum

from gradtui.model.stops import StopKind


class Health(IntEnum):
    """How a tensor's elements are, from good to bad."""

    FINE = 0
    """All of them are finite."""
    INF = 1
    """Some are infinite, none is NaN."""
    NAN = 2


@dataclass(frozen=True, slots=True)
class ForwardValues:
    """What could be read of a forward pass at a stop: never the values themselves.

    That is what still existed, or was saved for backward; of all other values nothing is known.
    """

    kind: StopKind
    index: int
    """The stop at which they were looked at."""
    root: int
    """The value that isn't finite, and that all this is about; NONE where the trace has dropped it, or where
    it was a gradient that became that and not the loss."""
    value: array[int]
    """Indices into the values of the trace; NONE where it has dropped one."""
    health: array[int]
    """Beside `value`: how it was, as a `Health`."""
