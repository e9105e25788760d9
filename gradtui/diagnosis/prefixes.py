"""Names that begin like another's: who freezes `layer.1` by how its name begins takes `layer.10` along."""

from __future__ import annotations

from collections.abc import Iterable


def taken_along(frozen: Iterable[str], free: Iterable[str]) -> dict[str, str]:
    """By the number of each part that was frozen only as its name begins like another's, that other's.

    Both as paths, `encoder.layer.10` and `encoder.layer.1`. It must show: a number in between them is free,
    and so is none of those that begin alike.
    """
    apart, together = _numbered(free), _numbered(frozen)
    found: dict[str, str] = {}
    for parent, numbers in together.items():
        left = apart.get(parent, set()) - numbers
        for short in numbers:
            longer = {one for one in numbers | left if one != short and one.startswith(short)}
            if longer and longer <= numbers and any(int(short) < int(one) < _least(longer) for one in left):
                found.update((f"{parent}{one}", f"{parent}{short}") for one in longer)
    return found


def _least(numbers: set[str]) -> int:
    return min(map(int, numbers))


def _numbered(names: Iterable[str]) -> dict[str, set[str]]:
    """By what stands before them, the numbers among the parts of these names, but for 0: nothing else begins
    with it."""
    found: dict[str, set[str]] = {}
    for name in names:
        parts = name.split(".")
        for place, part in enumerate(parts):
            if part.isdecimal() and part != "0":
                found.setdefault("".join(f"{one}." for one in parts[:place]), set()).add(part)
    return found
