"""Names that are like another's: who freezes `layer.1` by how its name begins takes `layer.10` along, and who
freezes `encoder` wherever that stands in a name takes `decoder.encoder_attn`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

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


def with_the_word_in(caught: Collection[str], meant: Collection[str]) -> dict[str, str]:
    """By the part of each name that was caught, as it has a word in it that is a whole part of all that was
    meant, that part of theirs; nothing where some name was caught otherwise."""
    whole = set.intersection(*(set(name.split(".")) for name in meant)) if meant else set()
    for word in sorted(whole.difference(*(name.split(".") for name in caught)), key=len, reverse=True):
        found = {}
        for name in caught:
            parts = name.split(".")
            place = next((place for place, part in enumerate(parts) if word in part), None)
            if place is None or word.isdigit():
                break
            first = min(meant).split(".")
            found[".".join(parts[: place + 1])] = ".".join(first[: first.index(word) + 1])
        else:
            return found
    return {}


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
