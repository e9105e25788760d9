"""What is imported ahead of the first stop."""

from __future__ import annotations

from importlib import import_module

import pytest

from gradtui.tui.preload import WANTED


@pytest.mark.parametrize("name", WANTED)
def test_what_is_wanted_ahead_is_there(name: str) -> None:
    assert import_module(name)
