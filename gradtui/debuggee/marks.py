"""What the tape says of values and calls, as plain ints: the operators of an IntFlag are slow."""

from __future__ import annotations

from gradtui.model.trace import CallFlag, ValueFlag

REQUIRES_GRAD = int(ValueFlag.REQUIRES_GRAD)
LEAF = int(ValueFlag.LEAF)
PARAMETER = int(ValueFlag.PARAMETER)
INFERENCE = int(ValueFlag.INFERENCE)
FLOATING = int(ValueFlag.FLOATING)
VIEW = int(ValueFlag.VIEW)
TRACKED = 128
"""In the flags of a value, beside those of `ValueFlag`: it descends from something that requires grad."""
AUTOCAST = int(CallFlag.AUTOCAST)
BACKWARD = int(CallFlag.BACKWARD)
MADE_TRACKED, GOT_TRACKED = 16, 32
"""In the flags of a key, beside those of `CallFlag`: the output requires grad; an input does."""


def tracking(*, requires: bool, got: bool) -> int:
    """What a call's key says of tracking: so that whatever is new in it is new wherever it is recorded."""
    return (MADE_TRACKED if requires else 0) | (GOT_TRACKED if got else 0)
