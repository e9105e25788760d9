"""The user's editor, opened from the screen: it gets the line and a real terminal, and gives it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.commands import Terminal

SCRIPT = """\
import torch

w = torch.ones(3, requires_grad=True)
loss = (w * w).sum()
loss.backward()
"""
EDITOR = """\
#!/bin/sh
[ -t 0 ] && [ -t 1 ] && echo "in a terminal" > "{told}"
echo "$@" >> "{told}"
echo "# edited" >> "$2"
echo "this is the editor"
"""


def test_e_lends_the_terminal_to_the_editor_at_the_line_and_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, vim, told = tmp_path / "train.py", tmp_path / "vim", tmp_path / "told"
    script.write_text(SCRIPT)
    vim.write_text(EDITOR.format(told=told))
    vim.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(vim))
    screen = Terminal("train.py", cwd=tmp_path, columns=120, rows=40)
    screen.until("MulBackward0")
    screen.type("e")
    screen.until("this is the editor")
    screen.until("has changed")

    assert told.read_text().splitlines() == ["in a terminal", f"+4 {script}"]
    screen.type("q")
    screen.until("is held")
    screen.type("q")
    screen.end()
    assert script.read_text().endswith("# edited\n")


def test_an_editor_that_is_not_there_is_told_and_the_screen_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    monkeypatch.setenv("VISUAL", "no-such-editor")
    screen = Terminal("train.py", cwd=tmp_path, columns=120, rows=40)
    screen.until("MulBackward0")
    screen.type("e")
    screen.until("No such file or directory")

    screen.type("q")
    screen.until("is held")
    screen.type("q")
    screen.end()
