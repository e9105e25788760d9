"""The installed command, on programs whose interpreter has imported torch already."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Protocol

import pytest

from tests.end_to_end.commands import gradtui

Done = subprocess.CompletedProcess[str]


class Command(Protocol):
    """`gradtui WORDS` in the folder of the test."""

    def __call__(self, *words: str, **environment: str) -> Done: ...


@pytest.fixture
def run(tmp_path: Path, warm: Path) -> Command:
    def run(*words: str, **environment: str) -> Done:
        return gradtui("--python", str(warm), *words, cwd=tmp_path, **environment)

    return run


@pytest.fixture
def check(run: Command) -> Command:
    return lambda *words, **environment: run("--check", *words, **environment)
