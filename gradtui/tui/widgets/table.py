"""Columns of a table: which there is room for, and how wide each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    least: int
    """Cells that it needs to be of any use."""
    share: int
    """Of what is left over."""
    from_width: int = 0
    """Only shown where the table is at least this wide."""


SIGN = 2
"""Cells at the beginning of a text that are kept in any case: its mark and a blank."""
NO_NEEDS: Mapping[str, int] = {}
Fitted = list[tuple[Column, int]]


def fitted(columns: Sequence[Column], width: int, needs: Mapping[str, int] = NO_NEEDS) -> Fitted:
    """The columns that fit into `width` cells, with their widths; two cells stand between two.

    What a column has beyond its need goes to those that need more, the first of them before the others.
    """
    shown = [column for column in columns if width >= column.from_width]
    while len(shown) > 1 and sum(column.least for column in shown) + 2 * (len(shown) - 1) > width:
        shown.pop()
    spare = width - sum(column.least for column in shown) - 2 * (len(shown) - 1)
    shares = sum(column.share for column in shown) or 1
    widths = [column.least + spare * column.share // shares for column in shown]
    wanted = [max(needs.get(column.title, width), len(column.title) + 1) for column in shown]
    if not needs:
        return list(zip(shown, widths, strict=True))
    for place, (has, wants) in enumerate(zip(widths, wanted, strict=True)):
        for other in reversed(range(len(shown))):
            given = min(wants - widths[place], widths[other] - wanted[other])
            if has < wants and given > 0:
                widths[place] += given
                widths[other] -= given
    return list(zip(shown, widths, strict=True))


def cells(texts: Sequence[Text], columns: Fitted, ending: str = "") -> Text:
    """One line of a table; of texts in the column `ending` the end is kept where they are too long."""
    line = Text()
    for number, (text, (column, width)) in enumerate(zip(texts, columns, strict=True)):
        part = text.copy()
        if column.title == ending and part.cell_len > width > SIGN + 1:
            part = part[:SIGN] + Text("…") + part[len(part) - width + SIGN + 1 :]
        part.truncate(width, overflow="ellipsis", pad=number < len(columns) - 1)
        line.append_text(part)
        if number < len(columns) - 1:
            line.append("  ")
    return line
