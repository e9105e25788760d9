"""What the benchmarks found, as one table at the end of the run."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator

import pytest
import torch

Row = tuple[str, ...]

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3
"""What glibc's `mallopt` calls them (malloc.h)."""


class Table:
    """Rows under the headings of the benchmark they belong to."""

    def __init__(self) -> None:
        self.parts: dict[Row, list[Row]] = {}

    def add(self, headings: Row, *cells: object) -> None:
        row = tuple(f"{cell:.3g}" if isinstance(cell, float) else str(cell) for cell in cells)
        self.parts.setdefault(headings, []).append(row)
        sys.stdout.write("   ".join(row) + "\n")

    def markdown(self) -> str:
        lines = []
        for headings, rows in self.parts.items():
            lines += [f"| {' | '.join(headings)} |", f"|{' --- |' * len(headings)}"]
            lines += [f"| {' | '.join(row)} |" for row in rows]
            lines.append("")
        return "\n".join(lines)


TABLE = Table()


@pytest.fixture
def table() -> Table:
    return TABLE


@pytest.fixture(autouse=True, scope="session")
def _settled_heap() -> None:
    """Begin with the thresholds that glibc itself settles at once something of 32 MB was freed.

    With those that it has before, it gives the end of its heap back to the system whenever that has become
    free, and has to ask for it again: as the heap happens to lie, a backward of the tiny BERT takes none or
    5,000 page faults, and so 0 to 6 ms of its 30, whether it is recorded or not.
    """
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(MMAP_THRESHOLD, 32 << 20)
        library.mallopt(TRIM_THRESHOLD, 64 << 20)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TABLE.parts:
        terminalreporter.write_line("")
        terminalreporter.write_line(TABLE.markdown())
