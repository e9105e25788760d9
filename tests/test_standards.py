"""The project's own standards: formatting, lint, types and the import contracts, as tests."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parent.parent
TOOLS = Path(sys.executable).parent

CHECKS = [
    pytest.param(["ruff", "format", "--check", "."], id="format"),
    pytest.param(["ruff", "check", "."], id="lint"),
    pytest.param(["mypy"], id="types"),
    pytest.param(["lint-imports"], id="imports"),
]


@pytest.mark.timeout(600)  # mypy reads the whole of torch the first time
@pytest.mark.parametrize("command", CHECKS)
def test_the_project_keeps_its_standards(command: list[str]) -> None:
    done = subprocess.run(
        [TOOLS / command[0], *command[1:]],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
