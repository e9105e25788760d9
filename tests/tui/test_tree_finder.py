"""Finding rows by text: the same answers as looking at every row, at a cost that doesn't grow with them."""

from __future__ import annotations

import pytest

from gradtui.diagnosis.outline import outline
from gradtui.model.columns import NONE, SELDOM
from gradtui.model.snapshot import Snapshot
from gradtui.tui import finder
from gradtui.tui.finder import NEAR, Finder
from gradtui.tui.labels import Labels
from tests.diagnosis.test_outline import graph_of
from tests.tui.programs import silent_numpy, transformer


def labels_of(snapshot: Snapshot) -> Labels:
    sources = {source.path: source.text for source in snapshot.sources}
    return Labels(snapshot, outline(snapshot), sources)


def chain(length: int) -> Labels:
    """A chain of which only the last node is called otherwise."""
    snapshot = graph_of({node: [node + 1] for node in range(length - 1)} | {length - 1: []})
    graph = snapshot.graph
    assert graph is not None
    for node in range(length - 1):
        graph.name[node] = 0
    return labels_of(snapshot)


@pytest.mark.parametrize(
    "query", ["relu", "ffn.up", "layernorm", "(256,)", "stands", "train.py:1", "reached"]
)
@pytest.mark.parametrize("near", [1, NEAR])
@pytest.mark.parametrize("seldom", [1, SELDOM, 10_000])
@pytest.mark.parametrize("narrow", [True, False])
def test_whole_columns_and_single_rows_give_the_same_answers(
    query: str, near: int, seldom: int, narrow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finder, "NEAR", near)
    monkeypatch.setattr(finder, "SELDOM", seldom)
    if not narrow:  # as where there are more different texts than a byte can number
        monkeypatch.setattr(finder, "_narrow", lambda numbers, _: numbers)
    labels = labels_of(transformer(3)[0])
    search = Finder(labels)
    matches = [row for row in range(len(labels.rows)) if search.matcher(query)(row)]
    for start in (0, len(labels.rows) // 2, len(labels.rows) - 1):
        after = [row for row in matches if row >= start] + matches
        before = [row for row in reversed(matches) if row <= start] + matches[::-1]
        assert search.next(query, start, 1) == next(iter(after), NONE)
        assert search.next(query, start, -1) == next(iter(before), NONE)


@pytest.mark.parametrize(
    "query", ["fc1.weight", "mseloss", "cut off", "tracking stops", "py:27", "out.detach"]
)
def test_a_row_that_says_the_query_is_found(query: str) -> None:
    labels = labels_of(silent_numpy()[0])
    row = Finder(labels).next(query, 0, 1)
    label = labels.label(row)
    said = f"{label.words} {label.name} {label.module} {label.shape} {label.place}".casefold()

    assert query in said


def test_words_may_stand_in_different_columns_of_a_row() -> None:
    labels = labels_of(silent_numpy()[0])

    assert labels.label(Finder(labels).next("fc2.weight off", 0, 1)).words == "fc2.weight"
    assert Finder(labels).next("fc2.weight nowhere", 0, 1) == NONE


def test_no_more_rows_are_asked_one_by_one_in_a_larger_graph() -> None:
    def asked(length: int) -> int:
        search = Finder(chain(length))
        assert search.next(str(length - 1), 0, 1) == length - 1
        assert search.next("nowhere", 0, 1) == NONE
        return search.looked_at

    assert asked(4 * 2 * NEAR) == asked(2 * NEAR) == NEAR
