"""How a finding says which tensors it is about."""

from __future__ import annotations

import pytest

from gradtui.diagnosis.owners import NAMELESS
from gradtui.diagnosis.sentences import listed


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ([], "nothing"),
        (["w"], "`w`"),
        (["w", "b"], "`w` and `b`"),
        (["a", "b", "c", "d"], "`a`, `b`, `c` and `d`"),
        (["a", "b", "c", "d", "e"], "`a`, `b`, `c` and 2 more"),
        ([NAMELESS], "a leaf without a name"),
        ([NAMELESS] * 6, "6 leaves without a name"),
        (["w", NAMELESS, NAMELESS], "`w` and 2 leaves without a name"),
        (["a", "b", "c", "d", "e", NAMELESS], "`a`, `b`, `c` and 3 more"),
    ],
)
def test_names_are_quoted_and_what_has_none_is_counted(names: list[str], said: str) -> None:
    assert listed(names) == said
