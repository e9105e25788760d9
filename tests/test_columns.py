"""Columns of whole numbers, and what is worked out on their bytes instead of number by number."""

from __future__ import annotations

from array import array

import pytest

from gradtui.model.columns import LONG, NONE, count_on, counting, indices, mapped, places, small


@pytest.mark.parametrize(
    "count", [0, 1, LONG - 1, LONG, 1025, 65_535, 65_536, 65_537, 200_000, (1 << 24) + 3]
)
def test_counting_gives_the_numbers_that_a_range_does(count: int) -> None:
    assert counting(count) == indices(range(count))


@pytest.mark.parametrize("form", ["i", "q"])
@pytest.mark.parametrize("begin", [0, 1, 255, 256, 65_535, 65_537, (1 << 24) - 700, (1 << 31) - 200_000])
@pytest.mark.parametrize("count", [0, 1, LONG - 1, LONG, 66_000, 199_999])
def test_counting_goes_on_from_any_number(form: str, begin: int, count: int) -> None:
    column = array(form, [7])
    count_on(column, begin, count)
    assert column == array(form, [7, *range(begin, begin + count)])


def test_orders_go_on_beyond_what_32_bits_hold() -> None:
    column = array("q")
    count_on(column, (1 << 40) - 900, 2_000)
    assert column == array("q", range((1 << 40) - 900, (1 << 40) + 1_100))


@pytest.mark.parametrize("length", [3, LONG - 1, LONG, 5_000])
@pytest.mark.parametrize(
    "table",
    [
        (NONE, 0, 127, -128),
        (NONE, 0, 128),  # doesn't fit into a byte with a sign
        (7, 8, 100_000),
        tuple(range(-128, 128)),
        tuple(range(300)),
    ],
)
@pytest.mark.parametrize("form", ["b", "i", "q"])
def test_a_column_is_looked_up_whole_as_it_is_number_by_number(
    form: str, table: tuple[int, ...], length: int
) -> None:
    numbers = array(form, [index % min(len(table), 128) for index in range(length)])

    assert list(mapped(table, numbers)) == [table[number] for number in numbers]


@pytest.mark.parametrize("every", [1, 3, 500, 4_000])
def test_places_are_those_where_a_wanted_number_stands(every: int) -> None:
    column = small(-1 if index % every == 0 else index % 100 for index in range(3_000))

    found = places(column, (-1, 99))

    assert list(found) == [index for index, number in enumerate(column) if number in (-1, 99)]
