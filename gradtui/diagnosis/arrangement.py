"""Where the items of a tensor are once it was permuted and reshaped: two ways to the same shape may differ.

A dimension is a list of factors, outer ones first, each a size and the distance of its items in what it was
made of. A permutation orders dimensions; a reshape deals their factors out to others, and may split one.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

Factor = tuple[int, int]
Layout = list[list[Factor]]


def of(shape: Sequence[int]) -> Layout:
    """That of a tensor as it stands."""
    return [[(size, prod(shape[place + 1 :]))] for place, size in enumerate(shape)]


def turned(layout: Layout, order: Sequence[int]) -> Layout:
    """That of its dimensions in another order."""
    return [layout[place] for place in order]


def reshaped(layout: Layout, shape: Sequence[int]) -> Layout | None:
    """That of another shape; None where factors would have to be split in a way that they can't."""
    left = _joined([factor for dimension in layout for factor in dimension])
    found: Layout = []
    for size in shape:
        taken: list[Factor] = []
        while size > 1:
            if not left:
                return None
            inner, distance = left.pop(0)
            if size % inner:
                if not inner or inner % size:
                    return None
                rest = inner // size
                left.insert(0, (rest, distance))
                inner, distance = size, distance * rest
            taken.append((inner, distance))
            size //= inner
        found.append(taken)
    return None if left else found


def joined(layout: Layout) -> Layout:
    """The same with as few factors as can be, so that equal ones are alike."""
    return [_joined(dimension) for dimension in layout]


def _joined(dimension: list[Factor]) -> list[Factor]:
    found: list[Factor] = []
    for size, distance in dimension:
        if found and found[-1][1] == size * distance:
            found[-1] = found[-1][0] * size, distance
        elif size != 1:
            found.append((size, distance))
    return found


def order_of(
    name: str, dimensions: Sequence[int], before: Sequence[int], after: Sequence[int]
) -> Sequence[int]:
    """The order that a function which turns dimensions round has put them in, as far as it is known: by the
    numbers it was given, or by the shapes where no two sizes are the same. Else nothing."""
    rank = len(before)
    order = [*range(rank)]
    if len(set(before)) == rank and sorted(before) == sorted(after):
        return [before.index(size) for size in after]
    if any(not -rank <= one < rank for one in dimensions):
        return []
    if name == "permute":
        places = [one % rank for one in dimensions]
        return places if sorted(places) == order else []
    if name in ("t", "T"):
        return order[::-1]
    pair = (-2, -1) if name == "mT" else tuple(dimensions)
    if len(pair) != 2 or rank < 2:
        return []
    order[pair[0]], order[pair[1]] = order[pair[1]], order[pair[0]]
    return order
