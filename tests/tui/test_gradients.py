"""Gradients in words."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from gradtui.model.gradients import GradSummary, Passed
from gradtui.tui.gradients import between, brief, histogram, number, short, table
from tests.tui.feeds import gradient


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (0.0123456, "0.0123"),
        (-123.456, "-123"),
        (98765.4, "98765"),
        (1.5e-8, "1.5e-8"),
        (-4.56e12, "-4.6e12"),
        (math.nan, "NaN"),
        (-math.inf, "-Inf"),
    ],
)
def test_a_number_is_short(value: float, text: str) -> None:
    assert number(value) == text
    assert len(number(-1.2345e-300)) <= 9


def test_what_is_sick_has_a_sign_beside_its_colour() -> None:
    assert short((gradient(nans=1),)).plain == "✗NaN"
    assert short((gradient(math.nan, infs=8),)).plain == "✗Inf"
    assert short((gradient(zero=True),)).plain == "○0"
    assert short((None,)).plain == "none"


def test_one_dead_branch_of_a_live_node_is_no_illness() -> None:
    assert short((gradient(2.0), gradient(zero=True))).plain == "2"


def test_a_row_shows_what_a_node_made_of_a_healthy_gradient() -> None:
    assert brief(Passed(0, (gradient(0.25),), (gradient(nans=8),), 1)).plain == "0.25→✗NaN"
    assert brief(Passed(0, (gradient(0.25),), (gradient(4.0),), 1)).plain == "0.25"
    assert brief(Passed(0, (gradient(nans=1),), (gradient(nans=8),), 1)).plain == "✗NaN"


def test_a_bar_is_drawn_for_every_count_but_none() -> None:
    assert histogram((0, 1, 1000), 3) == " ▁█"
    assert histogram((1, 1, 2, 2), 2) == "▅█"
    assert histogram((), 8) == ""


@pytest.mark.parametrize("width", [30, 49, 80, 120])
def test_a_table_has_one_line_a_gradient_and_never_more_than_its_width(width: int) -> None:
    long = replace(gradient(1.5e-12, nans=123456), shape=(128, 1024, 1024), zeros=1, elements=10**9)
    lines = list(table([("received", gradient()), ("→ encoder.layers.11.weight", long)], width))

    assert len(lines) == 3
    assert all(line.cell_len <= width for line in lines)
    assert "norm" in lines[0].plain


def test_a_wide_table_tells_everything() -> None:
    head, line = table([("received", replace(gradient(0.5), zeros=2))], 120)

    assert head.plain.split() == ["shape", "norm", "min", "max", "mean", "zeros", "spread"]
    assert "(2, 4)" in line.plain
    assert "25%" in line.plain
    assert "▃▆█▃▃" in line.plain


def test_beside_what_is_not_finite_every_count_says_of_what_it_is() -> None:
    healthy, broken = replace(gradient(0.5), zeros=4), replace(gradient(nans=3), zeros=1)
    head, first, second = (line.plain for line in table([("received", healthy), ("→ sqrt", broken)], 120))

    start = head.index("elements")
    assert first[start:].startswith("50% zero ")
    assert second[start:].startswith("3 NaN 12% zero ")


def test_a_fold_tells_from_the_smallest_norm_to_the_largest_or_the_worst() -> None:
    def handed(*grads: GradSummary) -> list[Passed]:
        return [Passed(number, (grad,), (), number) for number, grad in enumerate(grads)]

    assert between(handed(gradient(0.5), gradient(1e-9), gradient(zero=True))).plain == "1.0e-9…0.5"
    assert between(handed(gradient(0.5), gradient(nans=1))).plain == "✗NaN"
    assert between(handed(gradient(zero=True))).plain == "○0"
    assert between([]).plain == ""


def test_columns_of_what_was_not_taken_are_left_out() -> None:
    rough = replace(gradient(0.5), counted=False, histogram=())
    head = next(iter(table([("received", rough)], 100)))

    assert head.plain.split() == ["shape", "norm"]
