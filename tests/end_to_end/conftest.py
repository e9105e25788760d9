"""The installed command, on programs whose interpreter has imported torch already."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.commands import Command, Done, gradtui


@pytest.fixture
def run(tmp_path: Path, warm: Path) -> Command:
    def run(*words: str, **environment: str) -> Done:
        return gradtui("--python", str(warm), *words, cwd=tmp_path, **environment)

    return run


@pytest.fixture
def check(run: Command) -> Command:
    return lambda *words, **environment: run("--check", *words, **environment)
