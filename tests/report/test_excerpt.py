"""The lines of source around a finding, in whatever width there is."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from gradtui.report.excerpt import Marks, Span, excerpt

SOURCE = """\
first = 1
total = first + first * first + first * first * first + numpy_of(first, second)
"""


@pytest.mark.parametrize("ellipsis", ["…", "..."])
def test_a_line_says_where_it_is_cut_and_shows_the_expression(ellipsis: str) -> None:
    start = SOURCE.splitlines()[1].index("numpy_of")
    span = Span(2, start, 2, len(SOURCE.splitlines()[1]))
    above, line, under = (
        row.plain for row in excerpt(SOURCE, span, 40, Marks(">", "|", ellipsis), style="bold")
    )

    assert above.strip() == "1 |"
    assert "numpy_of(first, second)" in line
    assert line.partition("| ")[2].startswith(ellipsis)
    assert under.index("^") == line.index("numpy_of")
    assert max(map(cell_len, (above, line, under))) <= 40
