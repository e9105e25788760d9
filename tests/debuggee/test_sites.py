"""Places of calls in the source, with Python's own list of them as the oracle."""

from __future__ import annotations

from array import array
from itertools import islice
from types import CodeType
from typing import Any

import pytest

from gradtui.debuggee import sites
from gradtui.debuggee.sites import FAR, Code


def compiled(lines: int) -> CodeType:
    text = "\n".join(f"x = (x * {number} +\n    f('é', {number}))" for number in range(lines))
    return compile(text, "<lines>", "exec")


def positions(code: CodeType) -> list[tuple[int, ...]]:
    return [tuple(number or 0 for number in place) for place in code.co_positions()]


@pytest.mark.parametrize("lines", [3, 1000])
def test_an_instruction_stands_where_python_says(lines: int) -> None:
    code = compiled(lines)
    known = Code(code, user=True, ours=False, boundary=False)

    expected = [place if place[0] else (1, 1, 0, 0) for place in positions(code)]
    assert [known.position(2 * index) for index in range(len(expected))] == expected
    assert known.position(2 * len(expected)) == (1, 1, 0, 0)


def test_all_places_of_a_long_function_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read = []

    def everything(*given: Any) -> Any:
        read.append("all")
        return array(*given)

    def one(*given: Any) -> Any:
        read.append("one")
        return islice(*given)

    monkeypatch.setattr(sites, "array", everything)
    monkeypatch.setattr(sites, "islice", one)
    code = compiled(1000)
    known = Code(code, user=True, ours=False, boundary=False)

    for index in range(len(code.co_code) // 2):
        known.position(2 * index)
    assert read == FAR * ["one"] + ["all"]
