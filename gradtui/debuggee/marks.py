"""What the tape says of values and calls."""

from __future__ import annotations

from typing import Final

from gradtui.model.trace import CallFlag, ValueFlag

REQUIRES_GRAD: Final = ValueFlag.REQUIRES_GRAD
LEAF: Final = ValueFlag.LEAF
PARAMETER: Final = ValueFlag.PARAMETER
INFERENCE: Final = ValueFlag.INFERENCE
FLOATING: Final = ValueFlag.FLOATING
VIEW: Final = ValueFlag.VIEW
TRACKED = 128
"""In the flags of a value, beside those of `ValueFlag`: it descends from something that requires grad."""
TRACKED_OR_GRAD = TRACKED | REQUIRES_GRAD
"""It has a graph, or descends from what has one."""
VIEW_AND_LEAF = REQUIRES_GRAD | LEAF | VIEW
"""A view that, as torch has it, is a leaf that requires grad."""
AUTOCAST: Final = CallFlag.AUTOCAST
BACKWARD: Final = CallFlag.BACKWARD
MADE_TRACKED, GOT_TRACKED = 16, 32
"""In the flags of a key, beside those of `CallFlag`: the output requires grad; an input does."""


def tracking(*, requires: bool, got: bool) -> int:
    """What a call's key says of tracking: so that whatever is new in it is new wherever it is recorded."""
    return (MADE_TRACKED if requires else 0) | (GOT_TRACKED if got else 0)
