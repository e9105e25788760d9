"""Until the screen is there: what is drawn and typed, what the program does, and whatever ends it all."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path

import pytest

from gradtui.tui.screen_size import output_shape
from tests.end_to_end.opening import ENTER, GATE, LEAVE, opening, state_kept
from tests.terminal import Terminal, command
from tests.tui.test_manners import settle

SCRIPT = """\
import os, pathlib, time
here = pathlib.Path(__file__).parent
(here / "new").write_text(str(os.getpid()))
(here / "new").rename(here / "begun")
time.sleep(300)
"""
"""Says that it has begun, and goes on for ever."""

MODES = ["\x1b[?1000", "\x1b[?1003", "\x1b[?1006", "\x1b[?2004", "\x1b[?1004"]
"""What Textual asks of a terminal: the mouse, pastes as such, and the focus."""

NEVER_BEGINS = """\
#!/bin/sh
case "$*" in *-c*) echo python 3 12;; *) exec sleep 300;; esac
"""
"""An interpreter that can say its version, and never comes to run anything."""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    file = tmp_path / "train.py"
    file.write_text(SCRIPT, encoding="utf-8")
    return file


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# what is drawn


def test_something_is_drawn_before_textual_is_imported(script: Path) -> None:
    with opening(script, act="os.write(2, b'<textual>')") as terminal:
        terminal.until("<textual>")
        drawn, _, _ = terminal.raw.decode().partition("<textual>")
        terminal.press("qq")
        terminal.end()

    assert ENTER in drawn
    assert "train.py" in drawn
    assert "starting Python" in drawn


@pytest.mark.parametrize(
    ("environment", "words", "columns"),
    [
        ({}, [], 100),
        ({}, ["--ascii"], 60),
        ({"NO_COLOR": ""}, [], 80),
        ({"COLORFGBG": "0;15"}, [], 120),
        ({"COLORFGBG": "0;15", "COLORTERM": "truecolor"}, [], 120),
        ({"COLORFGBG": "0;15", "TERM": "xterm"}, [], 120),
    ],
    ids=["dark", "a path too long, in ASCII", "no colours", "light", "light, all colours", "light, sixteen"],
)
def test_what_is_drawn_first_is_what_the_screen_begins_with(
    environment: dict[str, str], words: list[str], columns: int, script: Path
) -> None:
    go_on, never = script.parent / "go on", script.parent / "python"
    never.write_text(NEVER_BEGINS, encoding="utf-8")
    never.chmod(0o755)
    words += ["--python", str(never), str(script)]
    with opening(
        *words, act=f"wait_for({str(go_on)!r})", columns=columns, environment=environment
    ) as terminal:
        terminal.until("starting Python")
        settle(terminal)
        first = top(terminal)
        go_on.touch()
        terminal.until("quit")
        screen = top(terminal)
        terminal.press("qq")
        terminal.end()

    assert screen == first


def top(terminal: Terminal) -> list[tuple[object, ...]]:
    """The two lines at the top cell by cell, but for how far a clock and what turns have come."""
    width = terminal.screen.columns
    found: list[tuple[object, ...]] = []
    for place in range(2 * width):
        cell = terminal.screen.buffer[place // width][place % width]
        if cell.data == " ":
            found.append((" ", cell.bg))  # nothing else of it is seen
        else:
            moves = place in (width - 4, width + 1)
            found.append(tuple(cell)[1:] if moves else tuple(cell))
    return found


def test_a_name_cannot_say_anything_to_the_terminal(tmp_path: Path) -> None:
    script = tmp_path / "a\x1b]0;title\x07\nb.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with opening(script, act="os.write(2, b'<textual>')") as terminal:
        terminal.until("<textual>")
        drawn, _, _ = terminal.raw.decode().partition("<textual>")
        terminal.press("qq")
        terminal.end()

    assert "\x1b]" not in drawn
    assert "a?]0;title??b.py" in drawn


def test_the_screen_is_on_the_terminal_where_stderr_goes_into_a_file(script: Path) -> None:
    script.write_text("import sys\nsys.exit('the reason')\n", encoding="utf-8")
    errors = script.parent / "errors"
    shell = f'"{sys.executable}" -m gradtui "{script}" 2>"{errors}"; echo "status $?"'
    with command(["sh", "-c", shell], columns=100, rows=30, environment={}) as terminal:
        terminal.until("starting Python")
        terminal.until("6 Output")
        terminal.end()  # a program that never came to a backward leaves no screen

    assert "status 1\r" in terminal.left
    assert "the reason" in terminal.left  # as all that the program writes, which has one terminal
    assert "\x1b" not in errors.read_text(encoding="utf-8")


# what the program does meanwhile


def test_the_program_begins_before_textual_is_imported(script: Path) -> None:
    begun = script.parent / "begun"
    with opening(script, act=f"wait_for({str(begun)!r})") as terminal:
        terminal.until("6 Output")  # which it would never come to otherwise
        terminal.press("qq")
        terminal.end()

    assert gone(int(begun.read_text()))


def test_the_program_sees_one_size_from_its_first_line_on(script: Path) -> None:
    script.write_text(
        "import os, signal\n"
        "sizes = [os.get_terminal_size()]\n"
        "signal.signal(signal.SIGWINCH, lambda *_: sizes.append('changed'))\n"
        "import torch\n"
        "torch.ones(1, requires_grad=True).sum().backward()\n"
        "print('sizes', *(tuple(size) for size in [*sizes, os.get_terminal_size()]))\n",
        encoding="utf-8",
    )
    with opening(script, columns=170, rows=45) as terminal:
        terminal.until("stopped before backward 1")
        terminal.press("c")
        terminal.until("ended")
        terminal.press("q")
        terminal.end()

    assert re.findall(r"sizes ([^\r]*)\r", terminal.left) == ["{0} {0}".format(output_shape(170, 45))]


# what is typed meanwhile


def test_what_is_typed_before_there_is_a_screen_reaches_it(script: Path) -> None:
    go_on = script.parent / "go on"
    with opening(script, act=f"wait_for({str(go_on)!r})") as terminal:
        terminal.until("starting Python")
        terminal.press("q")
        settle(terminal)
        assert terminal.screen.display[2:-1] == [" " * 100] * 27  # and isn't echoed
        assert terminal.screen.display[-1].startswith(" Keys typed now count as soon as")
        go_on.touch()
        terminal.until("The program still runs.")
        terminal.press("q")
        terminal.end()

    assert state_kept(terminal)


# whatever ends it


@pytest.mark.parametrize(
    ("act", "said", "status"),
    [
        ("raise ImportError('no Textual here')", "ImportError: no Textual here\r", 1),
        ("os.kill(os.getpid(), signal.SIGINT)", "", 130),
        ("os.kill(os.getpid(), signal.SIGTERM)", "", 143),
        ("os.kill(os.getpid(), signal.SIGHUP)", "", 129),
        ("raise SystemExit(7)", "", 7),
    ],
    ids=["a broken installation", "SIGINT", "SIGTERM", "SIGHUP", "exit"],
)
def test_whatever_ends_it_the_terminal_is_as_before_and_the_program_gone(
    act: str, said: str, status: int, script: Path
) -> None:
    begun = script.parent / "begun"
    with opening(script, act=f"wait_for({str(begun)!r}); {act}") as terminal:
        terminal.end()

    assert state_kept(terminal)
    assert said in terminal.left
    assert f"status {status}\r" in terminal.left
    assert gone(int(begun.read_text()))


def test_ctrl_c_typed_before_there_is_a_screen_does_what_it_does_on_the_screen(script: Path) -> None:
    go_on = script.parent / "go on"
    with opening(script, act=f"wait_for({str(go_on)!r})") as terminal:
        terminal.until("starting Python")
        terminal.press("\x03")
        settle(terminal)
        go_on.touch()
        terminal.until("Ctrl+C is off here: q quits.")
        terminal.press("qq")
        terminal.end()

    assert state_kept(terminal)


def test_a_signal_while_the_screen_takes_over_leaves_the_terminal_as_before(script: Path) -> None:
    """Textual has the terminal already then, and nothing yet that gives it back at a signal."""
    act = (
        "from gradtui.tui.splash import Splash; take = Splash.hand_over; Splash.hand_over = "
        "lambda self: (take(self), time.sleep(0.2), os.kill(os.getpid(), signal.SIGTERM))"
    )
    with opening(script, act=act) as terminal:
        terminal.end()

    assert state_kept(terminal)
    assert "status 143\r" in terminal.left
    for asked in MODES:
        assert terminal.raw.rfind(asked.encode() + b"h") < terminal.raw.rfind(asked.encode() + b"l")


def test_keys_that_make_no_sense_are_refused_on_the_terminal_and_nothing_is_run(script: Path) -> None:
    settings = script.parent / "gradtui" / "config.toml"
    settings.parent.mkdir()
    settings.write_text("[keys]\nstp = 'n'\n", encoding="utf-8")
    act = "time.sleep(0.5)"  # in which the program would have begun
    with opening(script, act=act, environment={"XDG_CONFIG_HOME": str(script.parent)}) as terminal:
        terminal.end()

    assert state_kept(terminal)
    assert "there is no action `stp`; did you mean `step`?\r" in terminal.left
    assert "status 2\r" in terminal.left
    assert not (script.parent / "begun").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["-V"],
        ["nowhere.py"],
        ["--python", "nowhere", "SCRIPT"],
        ["--stop-at", "x.py:3", "SCRIPT"],
    ],
    ids=" ".join,
)
def test_what_is_known_at_once_is_said_without_a_screen(words: list[str], script: Path) -> None:
    with opening(*(str(script) if word == "SCRIPT" else word for word in words)) as terminal:
        terminal.end()

    assert "\x1b" not in terminal.raw.decode()


def test_it_can_be_suspended_before_there_is_a_screen(script: Path) -> None:
    go_on, launcher = script.parent / "go on", script.parent / "launcher.py"
    launcher.write_text(GATE.format(act=f"wait_for({str(go_on)!r})"), encoding="utf-8")
    with command(["sh", "-i"], columns=100, rows=30, environment={"PS1": "ready> ", "ENV": ""}) as terminal:
        terminal.until("ready>")
        terminal.press(f"PYTHONPATH='{Path.cwd()}' '{sys.executable}' '{launcher}' '{script}'\r")
        terminal.until("starting Python")
        terminal.press("\x1a")
        terminal.wait(lambda: LEAVE.encode() in terminal.raw)
        at = len(terminal.raw)
        time.sleep(0.2)
        terminal.press("stty -a; echo look''ed\r")
        terminal.until("looked")
        assert b" icanon " in terminal.raw[at:]
        assert b" echo " in terminal.raw[at:]
        terminal.press("fg\r")
        terminal.wait(lambda: terminal.raw.count(ENTER.encode()) == 2)
        go_on.touch()
        terminal.until("6 Output")
        at = len(terminal.raw)
        terminal.press("qq")
        terminal.wait(lambda: b"ready>" in terminal.raw[at:])
        terminal.press("exit\r")
        terminal.end()
