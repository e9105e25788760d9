"""At home in a terminal: little is sent for a key, it can be suspended and resized, and needs few colours."""

from __future__ import annotations

import re
import select
import sys
import termios
from pathlib import Path

import pytest

from tests.terminal import ROOT, Terminal, command, running
from tests.tui.test_terminal import SCRIPT

LEAST_BYTES = 4096
"""What moving the cursor may send at 120x40."""
QUIET = 0.5
"""Seconds without a byte after which a screen is taken to be drawn."""


def settle(terminal: Terminal) -> None:
    """Read until nothing more comes."""
    while select.select([terminal.descriptor], [], [], QUIET)[0]:
        assert terminal.read()


def test_moving_the_cursor_in_the_tree_sends_less_than_four_kibibytes(warm: Path) -> None:
    with running(ROOT / "demos" / "silent_numpy.py", columns=120, rows=40, python=warm) as terminal:
        terminal.until("4 Findings 1")
        settle(terminal)
        terminal.press("g")
        settle(terminal)
        sent = []
        for key in "jjjjjjkkkjG":
            before = len(terminal.raw)
            terminal.press(key)
            settle(terminal)
            sent.append(len(terminal.raw) - before)
        terminal.press("qq")
        terminal.end()

    assert min(sent) > 50
    assert max(sent) < LEAST_BYTES


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "train.py"
    colours = r"print('\x1b[38;2;10;200;30mgreen\x1b[0m \x1b[38;5;208morange\x1b[0m')"
    file.write_text(f"{colours}\n{SCRIPT}", encoding="utf-8")
    return file


def test_ctrl_z_gives_the_terminal_back_to_the_shell_and_fg_the_screen(script: Path) -> None:
    with command(["sh", "-i"], columns=100, rows=30, environment={"PS1": "ready> ", "ENV": ""}) as terminal:
        terminal.until("ready>")
        terminal.press(f"'{sys.executable}' -m gradtui '{script}'\r")
        terminal.until("stopped before backward 1")
        settle(terminal)
        before = terminal.screen.display[:]
        terminal.press("\x1a")
        terminal.until("ready>")
        at = len(terminal.raw)
        terminal.press("stty -a; echo end''ed\r")
        terminal.until("ended")
        assert b" icanon " in terminal.raw[at:]
        assert b" echo " in terminal.raw[at:]
        terminal.press("fg\r")
        terminal.until("stopped before backward 1")
        terminal.wait(lambda: terminal.screen.display == before)
        terminal.press("c")
        terminal.until("stopped before backward 2")
        terminal.press("c")
        terminal.until("ended with status 5")
        terminal.press("q")
        terminal.until("after backward 2")
        terminal.press("exit\r")
        assert terminal.end() == 5


def test_a_terminal_that_is_made_small_and_large_again_shows_what_it_did(script: Path, warm: Path) -> None:
    with running(script, columns=120, rows=40, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        settle(terminal)
        before = terminal.screen.display[:]
        for columns, rows in ((80, 24), (30, 8), (120, 40)):
            terminal.screen.resize(rows, columns)
            termios.tcsetwinsize(terminal.descriptor, (rows, columns))
            terminal.until("40x10" if columns < 40 else "MulBackward0")
        terminal.wait(lambda: terminal.screen.display == before)
        terminal.press("qq")
        terminal.end()


@pytest.mark.parametrize(
    ("environment", "unwanted"),
    [
        ({"NO_COLOR": "1"}, r"(?:[349][0-7]|10[0-7]|[34]8;[25];[0-9;]+)"),
        ({"TERM": "xterm"}, r"[34]8;[25];[0-9;]+"),
        ({"TERM": "xterm", "COLORTERM": ""}, r"[34]8;[25];[0-9;]+"),
    ],
    ids=["none", "sixteen", "sixteen, said twice"],
)
def test_no_more_colours_are_sent_than_the_terminal_has(
    environment: dict[str, str], unwanted: str, script: Path, warm: Path
) -> None:
    with running(script, environment=environment, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("6")
        terminal.until("green orange")
        settle(terminal)
        sent = terminal.raw.decode()
        terminal.press("qq")
        terminal.end()

    codes = set(re.findall(r"\x1b\[([0-9;]*)m", sent))
    assert codes
    assert [code for code in codes if re.search(rf"(?:^|;){unwanted}(?:;|$)", code)] == []
