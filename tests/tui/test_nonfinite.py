"""Which rows were handed NaN or Inf, and what a fold says of that however large it is."""

from __future__ import annotations

from itertools import combinations

from gradtui.diagnosis.outline import outline
from gradtui.model.gradients import Passed
from gradtui.model.messages import Reason, Stepped
from gradtui.tui.nonfinite import NonFinite
from gradtui.tui.passage import Passage
from gradtui.tui.widgets.tree_lines import LARGE
from tests.tui.feeds import Engine, gradient
from tests.tui.programs import transformer
from tests.tui.showing import showing


def test_any_range_of_rows_tells_what_was_broken_in_it_by_the_moment_shown() -> None:
    rows = outline(transformer(40)[0])
    passage, broken = Passage(), NonFinite(rows)
    where = (rows.nodes // 3, rows.nodes // 2, rows.nodes - 5)
    for step, node in enumerate((0, *where), start=1):
        grad = gradient(nans=step) if node else gradient()
        passage.add(Stepped((Passed(node, (grad,), (grad,), step),), 0, step, Reason.STEP))
        broken.handed(0, 1, passage)  # it learns step by step
    for back in (0, 1):
        passage.move(-back)
        known = {rows.row_of_node(node) for node in where[: len(where) - back]}
        for start, end in combinations(range(0, len(rows), 97), 2):
            assert bool(broken.handed(start, end, passage)) == any(start <= row < end for row in known)


async def test_a_fold_too_large_for_norms_says_that_gradients_in_it_are_not_finite() -> None:
    snapshot, _ = transformer(90)
    engine = Engine(snapshot, sends={0: gradient(nans=1)})
    async with showing(engine, size=(60, 24)) as screen:
        await screen.until_stopped()
        tree = screen.app.main.graph
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.ended)
        line = next(line for line in screen.drawn if "x 90" in line)

        assert len(tree.lines.rows) > LARGE
        assert "✗NaN" in line
