"""The lines of source around a finding, with the very expression underlined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from gradtui.model.source import lines_of

BEFORE, AFTER = 2, 1
LONGEST = 6
"""More lines of one expression than this are left out in its middle."""
TAB = 4
MARGIN = 3
"""Characters before the expression that are shown where those before them are cut off: an ellipsis."""


@dataclass(frozen=True, slots=True)
class Span:
    """An expression in a file: lines from 1, columns in characters from 0, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Marks:
    """The characters that an excerpt is drawn with."""

    pointer: str
    bar: str
    ellipsis: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the source, its tabs expanded, and the columns of it that are underlined."""

    number: int
    text: str
    start: int = 0
    end: int = 0

    @property
    def lit(self) -> bool:
        return self.end > self.start


def excerpt(source: str, span: Span, width: int, marks: Marks, style: str) -> Iterator[Text]:
    """The lines before, of and after an expression, each no wider than `width` cells."""
    lines = lines_of(source)
    if not 0 < span.line <= len(lines):
        return
    rows = _rows(lines, span)
    digits = len(str(rows[-1].number))
    room = max(8, width - digits - 5)
    shift = _shift(rows, room)
    before = 0
    for row in rows:
        if before and row.number != before + 1:
            yield Text(f"{'':{digits + 2}} {marks.ellipsis}", "dim")
        yield from _drawn(row, digits, room, shift, marks, style)
        before = row.number


def _rows(lines: list[str], span: Span) -> list[Row]:
    last = min(max(span.end_line, span.line), len(lines))
    inside = list(range(span.line, last + 1))
    if len(inside) > LONGEST:
        inside = [*inside[: LONGEST - 1], inside[-1]]
    rows = [Row(n, lines[n - 1].expandtabs(TAB)) for n in range(max(1, span.line - BEFORE), span.line)]
    rows += [_lit(n, lines[n - 1], span) for n in inside]
    rows += [Row(n, lines[n - 1].expandtabs(TAB)) for n in range(last + 1, min(last + AFTER, len(lines)) + 1)]
    while rows[0].number < span.line and not rows[0].text.strip():
        del rows[0]
    while rows[-1].number > last and not rows[-1].text.strip():
        del rows[-1]
    return rows


def _lit(number: int, line: str, span: Span) -> Row:
    """A line of the expression itself: lit from its first character to its last."""
    start = span.column if number == span.line else len(line) - len(line.lstrip())
    end = span.end_column if number == span.end_line else len(line.rstrip())
    if end <= start:
        start, end = len(line) - len(line.lstrip()), len(line.rstrip())
    return Row(
        number, line.expandtabs(TAB), len(line[:start].expandtabs(TAB)), len(line[:end].expandtabs(TAB))
    )


def _shift(rows: list[Row], room: int) -> int:
    """How many characters are cut off on the left so that the expression can be seen."""
    common = min((len(row.text) - len(row.text.lstrip()) for row in rows if row.text.strip()), default=0)
    lit = [row for row in rows if row.lit]
    start = min(row.start for row in lit) if lit else common
    end = max(row.end for row in lit) if lit else common
    if end - common <= room or start - common < room // 3:
        return common
    return max(common, min(start - MARGIN, end - room))


def _drawn(row: Row, digits: int, room: int, shift: int, marks: Marks, style: str) -> Iterator[Text]:
    pointer = marks.pointer if row.lit else " "
    text = row.text[shift:].rstrip()
    if text and row.text[:shift].strip():
        text = (marks.ellipsis + text[len(marks.ellipsis) :])[: len(text)]
    if cell_len(text) > room:
        text = set_cell_size(text, room - cell_len(marks.ellipsis)) + marks.ellipsis
    line = Text.assemble((f"{pointer} ", style), (f"{row.number:>{digits}} {marks.bar} ", "dim"), text)
    line.rstrip()
    if row.lit:
        line.stylize(style, digits + 5 + row.start - shift, digits + 5 + row.end - shift)
    yield line
    if row.lit:
        left = cell_len(row.text[shift : row.start])
        carets = min(cell_len(row.text[row.start : row.end]), room - left)
        if carets > 0:
            yield Text.assemble((f"{'':{digits + 2}} {marks.bar} ", "dim"), " " * left, ("^" * carets, style))
