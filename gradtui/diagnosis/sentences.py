"""Parts of sentences about several things: their names, and the verbs that go with one or many."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gradtui.diagnosis.owners import NAMELESS

NAMED = 3
"""Names that a sentence lists: a layer's weight and bias and one more are read at a glance, twenty aren't."""


def listed(names: Sequence[str]) -> str:
    """Names in backticks as one would say them: "`a`, `b` and 4 more"; those without a name are counted."""
    said = [f"`{name}`" for name in names if name != NAMELESS]
    if len(said) > NAMED + 1:
        return ", ".join(said[:NAMED]) + f" and {len(names) - NAMED} more"
    if nameless := names.count(NAMELESS):
        said.append("a leaf without a name" if nameless == 1 else f"{nameless} leaves without a name")
    if len(said) > 1:
        return ", ".join(said[:-1]) + f" and {said[-1]}"
    return said[0] if said else "nothing"


LIST = re.compile(r"`([^`]+)`((?:, `[^`]+`)+) and (?:`[^`]+`|(\d+) more)")
"""Three names or more, as `listed` puts them."""


def briefly(message: str) -> str:
    """A message with only the first of each long list of names, where the rest of it would have no room."""

    def first(found: re.Match[str]) -> str:
        others = found[2].count(", `") + int(found[3] or 1)
        return f"`{found[1]}` and {others} more"

    return LIST.sub(first, message)


def clause(message: str) -> str:
    """What a message says happened, without backticks: up to its first colon or full stop."""
    said: list[str] = []
    for number, part in enumerate(message.split("`")):
        end = None if number % 2 else re.search(r"[:.](?=\s|$)", part)
        said.append(part if end is None else part[: end.start()])
        if end is not None:
            break
    return "".join(said)


def get(names: Sequence[str]) -> str:
    return "gets" if len(names) == 1 else "get"


def stay(names: Sequence[str]) -> str:
    return "stays as it is" if len(names) == 1 else "stay as they are"
