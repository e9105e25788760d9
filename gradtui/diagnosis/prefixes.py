"""Names that begin like another's: who freezes `layer.1` by how its name begins takes `layer.10` along."""

from __future__ import annotations

import re
from collections.abc import Iterable

NUMBER = re.compile(r"(?<![0-9])[1-9][0-9]*$")


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
    """By what stands before them, the numbers in which parts of these names end: `block10` as well as `10`.

    But for 0: nothing else begins with it.
    """
    found: dict[str, set[str]] = {}
    for name in names:
        before = ""
        for part in name.split("."):
            ends = NUMBER.search(part)
            if ends:
                found.setdefault(before + part[: ends.start()], set()).add(ends[0])
            before += f"{part}."
    return found
