"""Columns of a table: which there is room for, and how wide each is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.text import Text

from gradtui.tui.widgets.shortening import parts_kept


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    least: int
    """Cells that it needs to be of any use."""
    share: int
    """Of what is left over."""
    from_width: int = 0
    """Where not all columns have all the room they need, only shown if the table is at least this wide."""
    kept: int = 100
    """Of the room for a text that is too long, how many per cent its beginning gets; its end has the rest."""


SIGN = 2
"""Cells at the beginning of a text that are kept in any case: its mark and a blank."""
NO_NEEDS: Mapping[str, int] = {}
Fitted = list[tuple[Column, int]]


def fitted(columns: Sequence[Column], width: int, needs: Mapping[str, int] = NO_NEEDS) -> Fitted:
    """The columns that fit into `width` cells, with their widths; two cells stand between two.

    Where all have room for what they need, all are shown; elsewhere there is none for the last ones before
    the first can be read. What a column has beyond its need goes to those that need more, the first of them
    before the others.
    """
    wants = {column.title: max(needs.get(column.title, width), len(column.title) + 1) for column in columns}
    all_fit = bool(needs) and sum(wants.values()) + 2 * (len(columns) - 1) <= width
    shown = [column for column in columns if all_fit or width >= column.from_width]
    least = {column.title: min(column.least, wants[column.title]) for column in columns}
    while len(shown) > 1 and sum(least[column.title] for column in shown) + 2 * (len(shown) - 1) > width:
        shown.pop()
    first = min(wants[shown[0].title], width // 2) - least[shown[0].title] if needs else 0
    while shown[-1].from_width and first + sum(least[one.title] + 2 for one in shown) - 2 > width:
        shown.pop()
    spare = width - sum(least[column.title] for column in shown) - 2 * (len(shown) - 1)
    shares = sum(column.share for column in shown) or 1
    widths = [least[column.title] + spare * column.share // shares for column in shown]
    wanted = [wants[column.title] for column in shown]
    over = width - sum(widths) - 2 * (len(shown) - 1)  # what dividing has left
    for place, (has, enough) in enumerate(zip(widths, wanted, strict=True)):
        given = max(0, min(enough - has, over))
        widths[place] += given
        over -= given
        for other in reversed(range(len(shown))):
            given = min(enough - widths[place], widths[other] - wanted[other])
            if has < enough and given > 0:
                widths[place] += given
                widths[other] -= given
    widths[-1] += over
    # What can't be read whole itself makes room where all the others can be then.
    short = [column for column, has, enough in zip(shown, widths, wanted, strict=True) if has < enough]
    for column in short if len(short) > 1 else ():
        others = [one for one in shown if one is not column]
        if column.from_width and sum(wants[one.title] + 2 for one in others) - 2 <= width:
            return fitted(others, width, needs)
    return list(zip(shown, widths, strict=True))


def cells(texts: Sequence[Text], columns: Fitted) -> Text:
    """One line of a table; texts that are too long are cut where their column says."""
    line = Text()
    for number, (text, (column, width)) in enumerate(zip(texts, columns, strict=True)):
        part = text.copy()
        if column.kept < 100 and part.cell_len > width > SIGN + 1:
            begins = max(SIGN, (width - 1) * column.kept // 100)
            while begins > SIGN and part.plain[begins - 1] == " ":
                begins -= 1
            kept = [part[start:end] for start, end in parts_kept(part.plain, width, begins)]
            part = Text("…").join(kept)
        part.truncate(width, overflow="ellipsis", pad=number < len(columns) - 1)
        line.append_text(part)
        if number < len(columns) - 1:
            line.append("  ")
    return line
