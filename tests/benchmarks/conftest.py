"""What the benchmarks found, as one table at the end of the run."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
import torch

from tests.benchmarks.measuring import settle_heap

Row = tuple[str, ...]


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
    settle_heap()


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
