"""What is kept of a text that is too long: its beginning, its end, and the numbers between them."""

from __future__ import annotations

import re

NUMBERS = re.compile(r"(?<=\.)\d+(?:\.\d+)*(?=\.)")
"""What tells the layers of a model apart: `11` of `encoder.11.norm1.weight`."""

BLOCK = re.compile(r"(?:\W )?\w*\d(?=\.)")
"""A first part that ends in a number, behind its sign: `enc2` of `enc2.conv1x1.weight`."""

Part = tuple[int, int]


def parts_kept(text: str, width: int, begins: int) -> list[Part]:
    """Which parts of a text are kept in `width` cells, with a mark between each two. `begins` of them are for
    its beginning, of which less is kept where a number further on would be lost; and more where it would
    lose the number of its first part, if its end then has half of the room still."""
    if (block := BLOCK.match(text)) is not None and begins < block.end() < width // 2:
        begins = block.end()
    rest = len(text) - width + begins + 1
    lost = [found.span() for found in NUMBERS.finditer(text) if found.end() > begins and found.start() < rest]
    plain = [(0, begins), (rest, len(text))]
    if not lost:
        return plain
    lost = [(start - 1, end) for start, end in lost]  # with the dot before it
    if lost[-1][1] <= 2 * begins:
        head = [(0, lost[-1][1])]
    else:
        begun = min(lost[0][0], max(3, begins - sum(end - start + 1 for start, end in lost)))
        head = [(0, begun), *lost]
    room = width - sum(end - start for start, end in head) - len(head)
    if room < begins:
        return plain
    return _joined([*head, (max(len(text) - room, head[-1][1]), len(text))])


def _joined(parts: list[Part]) -> list[Part]:
    """The parts, but as one where nothing is left out between two."""
    found = parts[:1]
    for start, end in parts[1:]:
        if start == found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
