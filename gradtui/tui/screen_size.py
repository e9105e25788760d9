"""How much room there is, for the screen and for what a program prints: known before there is a screen."""

from __future__ import annotations

import os
from collections.abc import Mapping

LEAST_WIDTH, LEAST_HEIGHT = 40, 10
"""Below it there is no screen."""
MEDIUM, WIDE, TALL = 100, 160, 40
LEFT = 57
"""Per cent of a wide screen's columns that the tree has; the output stands on the right."""

LEAST_OUTPUT = 20
"""Columns below which programs can't be expected to print anything legible."""
LEAST_ROWS = 24
"""Of the program's terminal, however low the screen is: what it prints can be scrolled back to."""
AROUND_OUTPUT = 2
"""Cells beside a line of output: the mark of the cursor and the scrollbar."""
UNKNOWN = 80, 24
"""The program's terminal where there is no screen."""


def terminal_size(environment: Mapping[str, str]) -> tuple[int, int]:
    """Columns and rows, as `shutil.get_terminal_size` has them, and Textual; it takes longer to import."""
    columns, rows = (_number(environment.get(name, "")) for name in ("COLUMNS", "LINES"))
    if columns <= 0 or rows <= 0:
        try:
            found = os.get_terminal_size(1)
        except OSError:
            found = os.terminal_size(UNKNOWN)
        columns = columns if columns > 0 else found.columns or UNKNOWN[0]
        rows = rows if rows > 0 else found.lines or UNKNOWN[1]
    return columns, rows


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def too_small(width: int, height: int) -> bool:
    return width < LEAST_WIDTH or height < LEAST_HEIGHT


def is_wide(width: int, height: int) -> bool:
    return width >= WIDE and height >= TALL


def output_width(width: int, height: int) -> int:
    """Cells for a line of output where nothing is zoomed; 0 where the screen is too small for any.

    A program's terminal is as wide all the while: text that was laid out for one width, a progress bar
    above all, falls to pieces at another. A scrollbar may come at any time, so it always has its cell.
    """
    if too_small(width, height):
        return 0
    beside = is_wide(width, height)
    pane = width - width * LEFT // 100 - 1 if beside else width  # one for its border
    return max(LEAST_OUTPUT, pane - AROUND_OUTPUT)


def output_shape(width: int, height: int) -> tuple[int, int]:
    """Columns and rows of the program's terminal on a screen of this size."""
    columns = output_width(width, height)
    return (columns, max(LEAST_ROWS, height)) if columns else UNKNOWN
