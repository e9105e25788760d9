"""Where items are after permutations and reshapes, with torch as the oracle."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from gradtui.diagnosis import arrangement

WAYS = [
    ((2, 3, 4, 4), [(0, 2, 3, 1)], (32, 3)),
    ((2, 3, 4, 4), [(0, 3, 2, 1), (0, 2, 1, 3)], (2, 48)),
    ((4, 6), [(1, 0)], (3, 8)),
    ((4, 6), [(1, 0), (1, 0)], (2, 2, 6)),
    ((2, 3, 4), [(0, 1, 2)], (3, 2, 4)),
    ((1, 5, 1), [(2, 1, 0)], (5,)),
]


def items(layout: arrangement.Layout) -> list[int]:
    """The places, in the tensor that it is of, of all items in their order."""
    factors = [factor for dimension in layout for factor in dimension]
    return [
        sum(place * distance for place, (_, distance) in zip(places, factors, strict=True))
        for places in product(*(range(size) for size, _ in factors))
    ]


@pytest.mark.parametrize(("shape", "orders", "last"), WAYS)
def test_the_items_are_where_torch_puts_them(
    shape: tuple[int, ...], orders: list[tuple[int, ...]], last: tuple[int, ...]
) -> None:
    given, layout = torch.arange(torch.Size(shape).numel()).reshape(shape), arrangement.of(shape)
    for order in orders:
        given, layout = given.permute(order), arrangement.turned(layout, order)
    reshaped = arrangement.reshaped(layout, last)

    assert reshaped is not None
    assert items(reshaped) == items(arrangement.joined(reshaped)) == given.reshape(last).flatten().tolist()


def test_what_can_not_be_dealt_out_is_not_known() -> None:
    assert arrangement.reshaped(arrangement.turned(arrangement.of((4, 6)), [1, 0]), (8, 3)) is None


def test_what_is_turned_there_and_back_is_as_it_was_and_what_is_turned_once_is_not() -> None:
    there = arrangement.turned(arrangement.of((3, 3)), [1, 0])

    assert arrangement.joined(arrangement.turned(there, [1, 0])) == arrangement.of((3, 3))
    assert arrangement.joined(there) != arrangement.of((3, 3))


@pytest.mark.parametrize(
    ("name", "numbers", "before", "after", "order"),
    [
        ("permute", [0, -2, -1, 1], (2, 2, 4, 4), (2, 4, 4, 2), [0, 2, 3, 1]),
        ("transpose", [1, -1], (2, 2, 2), (2, 2, 2), [0, 2, 1]),
        ("mT", [], (2, 2, 2), (2, 2, 2), [0, 2, 1]),
        ("t", [], (2, 2), (2, 2), [1, 0]),
        ("permute", [], (2, 3, 4), (4, 2, 3), [2, 0, 1]),  # by the shapes alone
        ("permute", [], (2, 4, 4), (4, 2, 4), []),  # which don't tell here
    ],
)
def test_the_order_is_known_by_the_numbers_or_by_the_shapes(
    name: str, numbers: list[int], before: tuple[int, ...], after: tuple[int, ...], order: list[int]
) -> None:
    assert [*arrangement.order_of(name, numbers, before, after)] == order
