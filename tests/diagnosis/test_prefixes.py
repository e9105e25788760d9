"""Parts of a model that are frozen only as their names begin like another's."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from gradtui.diagnosis.prefixes import taken_along


def named(numbers: Iterable[int]) -> list[str]:
    return [f"encoder.layer.{number}.weight" for number in numbers]


def caught(frozen: Iterable[int], of: int) -> dict[str, str]:
    frozen = set(frozen)
    found = taken_along(named(frozen), named(set(range(of)) - frozen))
    return {long.rpartition(".")[2]: short.rpartition(".")[2] for long, short in found.items()}


@pytest.mark.parametrize(
    ("frozen", "of", "wanted"),
    [
        ({0, 1, 10, 11}, 12, {"10": "1", "11": "1"}),
        ({1, *range(10, 20)}, 24, {str(number): "1" for number in range(10, 20)}),
        ({2, *range(20, 24)}, 24, {str(number): "2" for number in range(20, 24)}),
    ],
)
def test_all_that_begin_alike_are_caught(frozen: set[int], of: int, wanted: dict[str, str]) -> None:
    assert caught(frozen, of) == wanted


@pytest.mark.parametrize(
    ("frozen", "of"),
    [
        (range(12), 24),  # the first ones
        (range(11), 12),
        (range(4), 12),
        ({0, 1, 10}, 12),  # 11 begins alike and is free
        ({0, 10, 11}, 12),  # nothing that these begin like
        (range(12), 12),  # all of them
    ],
)
def test_numbers_that_somebody_chose_are_not(frozen: Iterable[int], of: int) -> None:
    assert caught(frozen, of) == {}


def test_numbers_of_different_parents_have_nothing_to_do_with_each_other() -> None:
    assert taken_along(["a.1.w", "b.10.w"], ["a.2.w", "b.2.w"]) == {}


def test_a_number_may_end_a_word() -> None:
    frozen = ["net.block1.w", "net.block10.w", "rnn.weight_l1", "rnn.weight_l12"]
    free = ["net.block2.w", "net.block9.w", "rnn.weight_l3"]
    assert taken_along(frozen, free) == {
        "net.block10": "net.block1",
        "rnn.weight_l12": "rnn.weight_l1",
    }


def test_words_before_a_number_must_be_the_same() -> None:
    assert taken_along(["net.conv1.w", "net.norm10.w"], ["net.conv2.w", "net.norm2.w"]) == {}
