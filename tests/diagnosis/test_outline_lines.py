"""What is seen of a tree as it is folded and filtered, against a reckoning by hand."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gradtui.diagnosis.outline import Mark, RowKind, outline
from gradtui.diagnosis.outline.groups import grouped
from gradtui.diagnosis.outline.lines import Lines, opened
from gradtui.diagnosis.outline.row_filters import dead_ends, inside, leaves, severed, without_glue
from gradtui.model.columns import ints
from tests.builders import Program
from tests.diagnosis.test_outline import graph_of, silent_numpy
from tests.diagnosis.test_outline_groups import stack


def tree(layers: int = 4) -> Lines:
    snapshot = stack(layers, odd=1)
    rows = outline(snapshot)
    return Lines(rows, grouped(rows, snapshot))


def seen(lines: Lines) -> list[int]:
    return [lines.at(index) for index in range(len(lines))]


def by_hand(lines: Lines, folded: set[int]) -> Iterator[int]:
    """The places that are seen, one after the other. What can't be seen hides nothing."""
    place = 0
    while place < lines.total:
        if lines.is_kept(place):
            yield place
        place = lines.end(place) if place in folded and lines.is_kept(place) else place + 1


def test_each_place_is_a_group_or_a_row_and_each_of_them_once() -> None:
    lines = tree()
    places = range(lines.total)
    groups = [lines.group_at(place) for place in places if lines.group_at(place) >= 0]
    rows = [lines.row_at(place) for place in places if lines.group_at(place) < 0]

    assert groups == list(range(len(lines.groups)))
    assert rows == list(range(len(lines.rows)))
    assert all(lines.row_at(lines.place(row)) == row for row in rows)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("filtered", [False, True])
def test_folding_in_any_order_hides_what_stands_under_what_is_folded(seed: int, filtered: bool) -> None:
    rng, lines, folded = random.Random(seed), tree(), set[int]()
    if filtered:
        lines.keep(leaves(lines.rows))
    foldable = [place for place in range(lines.total) if lines.foldable(place)]
    for _ in range(60):
        place = rng.choice(foldable)
        (lines.unfold if place in folded else lines.fold)(place)
        folded ^= {place}
        expected = list(by_hand(lines, folded))
        assert seen(lines) == expected
        assert [lines.index(shown) for shown in expected] == list(range(len(expected)))


def test_a_hidden_line_is_seen_as_the_fold_that_hides_it() -> None:
    lines = tree()
    lines.fold(0)
    hidden = lines.end(0) - 1

    assert lines.at(lines.index(hidden)) == 0


@pytest.mark.parametrize("layers", [4, 120])
@pytest.mark.parametrize("grouping", [True, False])
def test_folding_everything_leaves_what_no_fold_hides(layers: int, grouping: bool) -> None:
    lines = tree(layers) if grouping else Lines(tree(layers).rows)
    lines.fold_all()
    foldable = {place for place in range(lines.total) if lines.foldable(place)}

    assert foldable
    assert seen(lines) == list(by_hand(lines, foldable))


def test_showing_a_row_unfolds_all_that_hide_it_and_nothing_else() -> None:
    lines = tree()
    lines.fold_all()
    before = len(lines)
    row = len(lines.rows) - 1
    lines.show(row)

    assert lines.place(row) in seen(lines)
    assert before < len(lines) < lines.total


def test_showing_a_row_that_is_filtered_out_gives_up_the_filter() -> None:
    lines = tree()
    lines.keep(leaves(lines.rows))
    lines.show(0)

    assert lines.place(0) in seen(lines)
    assert lines.kept is None


def test_a_filter_keeps_the_lines_of_the_groups_that_its_rows_lie_in() -> None:
    lines = tree()
    lines.keep(leaves(lines.rows))
    shown = seen(lines)
    rows = [lines.row_at(place) for place in shown if lines.group_at(place) < 0]

    assert all(lines.rows.kind[row] == RowKind.LEAF for row in rows)
    assert lines.kept_rows == len(rows)
    assert any(lines.group_at(place) >= 0 for place in shown)


def test_a_filter_that_keeps_nothing_shows_nothing() -> None:
    lines = tree()
    lines.keep(ints())

    assert len(lines) == 0


def test_a_tree_that_fits_opens_unfolded_and_a_large_one_with_its_layers_folded() -> None:
    small, large = tree(2), tree(40)
    opened(small, 100)
    opened(large, 30)

    assert len(small) == small.total
    assert len(large) <= 30
    assert large.folds


def test_a_branch_stands_under_the_row_where_it_began_and_a_row_of_a_module_under_its_group() -> None:
    lines = tree()
    for place in range(1, lines.total):
        above = lines.above(place)
        assert above < place
        assert above == 0 or lines.end(above) > place


def test_moving_folding_and_unfolding_look_at_no_more_rows_in_a_larger_tree() -> None:
    def looks(length: int) -> int:
        edges = {node: [node + 1, length + 1] for node in range(length)} | {length: [], length + 1: []}
        lines = Lines(outline(graph_of(edges)))
        lines.rows = counting = Counting(lines.rows)  # type: ignore[assignment]
        for place in (0, lines.total // 2, lines.total // 3):
            lines.fold(place)
            lines.unfold(place)
            lines.index(lines.total - 1)
            lines.at(len(lines) - 1)
        return counting.looks

    class Counting:
        def __init__(self, rows: object) -> None:
            self.inner, self.looks = rows, 0

        def __len__(self) -> int:
            return len(self.inner)  # type: ignore[arg-type]

        def __getattr__(self, name: str) -> object:
            self.looks += 1
            return getattr(self.inner, name)

    assert looks(4_000) == looks(1_000)


# filters


def test_only_what_is_cut_off_leaves_out_what_backward_reaches() -> None:
    _, snapshot = silent_numpy()
    rows = outline(snapshot)

    assert list(severed(rows)) == list(range(2, 12))


def test_only_this_module_keeps_the_rows_of_the_group_around_the_cursor() -> None:
    lines = tree()
    group = len(lines.groups) - 1
    start, end = lines.groups.start[group], lines.groups.end[group]

    assert list(inside(lines.rows, lines.groups, start)) == list(range(start, end))


def test_glue_is_what_only_reshapes_and_a_cut_is_never_glue() -> None:
    run = Program("y = x.view(3).detach()\nloss.backward()\n")
    viewed = run.op("Tensor.view", [run.leaf("x", (3, 1))], (3,), node="ViewBackward0")
    out = run.op("torch.exp", [viewed], (3,), node="ExpBackward0")
    snapshot = run.backward(run.op("Tensor.t", [out], (3,), node="TBackward0"), "loss.backward()")
    rows = outline(snapshot)
    graph = snapshot.graph
    assert graph is not None
    kept = [graph.node_name(rows.vertex[row]) for row in without_glue(rows, snapshot)]

    assert kept[0] == "ExpBackward0"
    assert "TBackward0" not in kept


def test_a_part_beyond_backward_is_a_dead_end_unless_a_cut_in_it_says_why() -> None:
    _, snapshot = silent_numpy()
    rows = outline(snapshot)
    assert list(dead_ends(rows)) == []

    uncut = replace(rows, marks=ints(marks & ~Mark.CUT for marks in rows.marks))
    assert list(dead_ends(uncut)) == [2]
