"""Where the header of a compound statement ends, as people know its place: to Python its body is part of it.

The items that a `for` gets, what a `with` enters and leaves, the truth that an `if` asks for: the place of
each of these instructions is the whole statement.
"""

from __future__ import annotations

import linecache
import re
import tokenize
from itertools import chain

COMPOUND = re.compile(r"(async|for|with|while|if|elif)\b")
"""How the header of a compound statement begins."""


def header_end(path: str, line: int, column: int) -> tuple[int, int] | None:
    """Line and column (in characters) before the colon of what begins at a place; None of anything else."""
    first = linecache.getline(path, line)
    if not COMPOUND.match(first, column):
        return None
    depth, text = 0, chain([" " * column + first[column:]], linecache.getlines(path)[line:])
    try:
        for token in tokenize.generate_tokens(text.__next__):
            if token.string in ("(", "[", "{"):
                depth += 1
            elif token.string in (")", "]", "}"):
                depth -= 1
            elif token.string == ":" and not depth:
                return line + token.start[0] - 1, token.start[1]
    except (tokenize.TokenError, SyntaxError):
        pass  # the text isn't what runs any more
    return None
