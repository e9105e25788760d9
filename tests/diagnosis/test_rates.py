"""What an optimizer's groups tell of their learning rates."""

from __future__ import annotations

import pytest

from gradtui.model.owners import Group, Optimizer, Rates


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("0.1", 0.1),
        ("0", 0),
        ("0e0", 0),
        ("5e-05", 5e-05),
        ("tensor(0.)", 0),
        ("tensor(0.1000, device='cuda:0')", 0.1),
        ("Schedule()", None),
    ],
)
def test_the_rate_that_a_schedule_goes_out_from_is_a_number(text: str, rate: float | None) -> None:
    assert Group((1,), (("lr", "1.0"), ("initial_lr", text))).initial_rate == rate


def test_without_a_schedule_there_is_no_such_rate() -> None:
    assert Group((1,), (("lr", "1.0"),)).initial_rate is None


def test_a_rate_that_was_zero_then_was_not_and_is_zero_since_has_names_for_each() -> None:
    optimizer = Optimizer("SGD", "descent", (Group((1,)), Group((2,))), turns=((2, 3, 4), (0, 9)))

    assert optimizer.rates(0) == Rates(idle_first=2, moving=3, idle_since=4)
    assert optimizer.rates(1) == Rates(idle_first=0, moving=9)
    assert optimizer.steps_made == 9


@pytest.mark.parametrize("turns", [(), (1, 2, 3, 4)])
def test_of_a_rate_that_was_switched_often_or_never_noted_nothing_is_said(turns: tuple[int, ...]) -> None:
    assert Optimizer("SGD", "descent", (Group((1,)),), turns=(turns,)).rates(0) is None


def test_a_rate_is_over_where_it_is_zero_for_longer_than_it_was_not() -> None:
    assert Rates(0, 3, 16).is_over(16)
    assert not Rates(0, 16, 16).is_over(16)
    assert not Rates(0, 3, 15).is_over(16)
