"""The first thing on the terminal: what the screen will begin with, drawn before anything of it is imported.

Textual takes longer to import than all that is shown first takes to draw. Until it is there the terminal is
ours: the screen of its own that it lends to such programs, no echo of what is typed ahead (which Textual will
read), and everything as it was before whatever ends us. This file imports next to nothing.
"""

from __future__ import annotations

import os
import signal
import sys
import termios
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType
from typing import Any, Self

from gradtui.tui.screen_size import terminal_size, too_small

ENTER, LEAVE = "\x1b[?1049h", "\x1b[?1049l"
"""To a screen of its own and back, as Textual says it."""
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
"""The cursor."""
CLEAR = "\x1b[H\x1b[2J"
CROP, WRAP = "\x1b[?7l", "\x1b[?7h"
"""What becomes of lines that are longer than the screen."""
AFTER_TEXTUAL = "\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2048l\x1b[?2004l\x1b[?1004l\x1b[<u"
"""Takes back what Textual asks of a terminal: the mouse, sizes, pastes, focus and keys as sequences."""

ENDING = (signal.SIGTERM, signal.SIGHUP)
ACCENT, MUTED = ("36", "38;5;23", "38;2;0;95;107"), ("90", "38;5;240", "38;2;90;90;90")
"""The colours of palette and paper: on a dark background, and on a light one of 256 or of all colours."""
TYPED = "Keys typed now count as soon as the screen is there."
"""In the last line, where the keys will stand: nothing else would show that they were heard."""
TYPED_BRIEFLY = "Keys typed now count."
FEW_ON_LIGHT = "90"
"""Either of them, on a light background of sixteen."""


class Splash:
    """Entered, it is drawn; left, the terminal is as it was, unless somebody has taken over in between."""

    def __init__(self, script: str, *, ascii_only: bool = False) -> None:
        self.script, self.ascii_only = script, ascii_only
        self.first: Callable[[], object] | None = None
        """Done before a signal ends us, when the terminal has been put back."""
        self.up = False
        self._attributes: list[Any] = []
        self._before: dict[int, Any] = {}
        """What signals did."""
        self._taken = False
        self._stderr = -1
        """Where stderr goes, while the terminal stands in for it."""

    def __enter__(self) -> Self:
        self._stderr = _lend_stdout()
        drawn = _all_one_terminal()
        with suppress(termios.error):  # no terminal, and nothing to put back
            self._attributes = termios.tcgetattr(0)
        for number in (*ENDING, signal.SIGTSTP) if drawn else ENDING:
            # Who is meant to outlive a hang-up, as under nohup, does.
            if signal.getsignal(number) == signal.SIG_DFL:
                self._before[number] = signal.signal(number, self._signalled)
        if drawn:
            try:
                self._draw()
            except BaseException:  # a Ctrl-C, of which nobody else would tell us
                self.__exit__()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        self.lift()
        self._return_stderr()
        for number, before in self._before.items():
            if signal.getsignal(number) == self._signalled:
                signal.signal(number, before)

    def give_way(self) -> None:
        """Somebody begins to take the terminal over: from now on that has to be taken back too."""
        self._taken = True

    def hand_over(self) -> list[Any]:
        """Leave it to who has drawn over it; gives the attributes that the terminal is to have in the end."""
        self.up = False
        return self._attributes

    def given_back(self) -> None:
        """Whoever took the terminal over has left it as it was."""
        self._taken = False
        self._return_stderr()

    def lift(self) -> None:
        """Have everything as it was, unless somebody has taken over."""
        if self.up:
            _write(LEAVE + SHOW)
            with suppress(termios.error):  # of a terminal that has gone
                if self._attributes:
                    termios.tcsetattr(0, termios.TCSANOW, self._attributes)
            self.up = False

    def _return_stderr(self) -> None:
        if self._stderr >= 0:
            os.dup2(self._stderr, 2)
            os.close(self._stderr)
            self._stderr = -1

    def _draw(self) -> None:
        try:
            self._attributes = termios.tcgetattr(0)
            self.up = True  # before it is: whatever comes in between, it is taken back
            termios.tcsetattr(0, termios.TCSANOW, _for_keys(termios.tcgetattr(0)))
        except termios.error:
            self.up = False
            return
        size = terminal_size(os.environ)
        text = picture(self.script, *size, os.environ, ascii_only=self.ascii_only)
        _write(f"{ENTER}{HIDE}{CLEAR}{CROP}{text}{WRAP}")

    def _signalled(self, number: int, _: FrameType | None) -> None:
        """The terminal first, and then what the signal does by itself."""
        if number == signal.SIGTSTP:
            self._suspend()
            return
        if self._taken:  # and what Textual would have done to give it back won't be done any more
            self.up = True
            _write(AFTER_TEXTUAL + WRAP)
        self.lift()
        if self.first is not None:
            self.first()
        _die(number)

    def _suspend(self) -> None:
        self.lift()
        _die(signal.SIGTSTP)  # for a while
        signal.signal(signal.SIGTSTP, self._signalled)
        self._draw()


def picture(
    script: str, columns: int, rows: int, environment: Mapping[str, str], *, ascii_only: bool = False
) -> str:
    """What draws the header and the headline as the screen will."""
    if too_small(columns, rows):
        return ""
    accent, muted = _colours(environment)
    shown = _legible(script, ascii_only)
    if len(f" gradtui  {shown} ") + len("0 s") + 4 > columns:
        shown = shown.rpartition("/")[2]
    turn = "|" if ascii_only else "◐"
    bold = f"1;{accent}" if accent else "1"
    return (
        f"\x1b[{bold}m gradtui \x1b[m\x1b[1m {shown} \x1b[m"
        f"\x1b[1;{columns - 3}H\x1b[{muted}m0 s\x1b[m"
        f"\x1b[2;2H\x1b[{bold}m{turn} \x1b[mstarting Python"
        f"\x1b[{rows};2H\x1b[{muted}m{TYPED if len(TYPED) + 2 <= columns else TYPED_BRIEFLY}\x1b[m"
    )


def _colours(environment: Mapping[str, str]) -> tuple[str, str]:
    """The codes of the accent, and of what is muted."""
    if "NO_COLOR" in environment:
        return "", ""
    # The same as `light_theme.is_light` and as rich tell it, which are long in coming.
    if environment.get("COLORFGBG", "").rpartition(";")[2] not in ("7", "15"):
        return ACCENT[0], MUTED[0]
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return ACCENT[2], MUTED[2]
    if environment.get("TERM", "").strip().lower().rpartition("-")[2] in ("256color", "kitty"):
        return ACCENT[1], MUTED[1]
    return FEW_ON_LIGHT, FEW_ON_LIGHT


def _legible(script: str, ascii_only: bool) -> str:
    """A name that can hold anything, as something to be written to a terminal."""
    shown = "".join(sign if sign.isprintable() else "?" for sign in script)
    return shown.encode("ascii", "replace").decode() if ascii_only else shown


def _for_keys(attributes: list[Any]) -> list[Any]:
    """A terminal that echoes nothing and keeps every key as it was typed, Ctrl-C for the screen too: it says
    there what it does; Ctrl-Z still suspends."""
    attributes[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    attributes[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    attributes[6][termios.VMIN] = 1
    attributes[6][termios.VINTR] = bytes([os.fpathconf(0, "PC_VDISABLE")])
    return attributes


def _lend_stdout() -> int:
    """Have stderr, which Textual draws to, be the terminal where it isn't; gives what it was, or -1."""
    if os.isatty(2) or not os.isatty(1):
        return -1
    stderr = os.dup(2)
    os.dup2(1, 2)
    return stderr


def _all_one_terminal() -> bool:
    """Whether keys come from the terminal that Textual draws to, by way of stderr, and measures."""
    return all(map(os.isatty, range(3))) and len({os.fstat(number).st_rdev for number in range(3)}) == 1


def _write(text: str) -> None:
    """Whole, whatever a signal interrupts, and at once."""
    data = text.encode(getattr(sys.__stderr__, "encoding", "utf-8"), "replace")
    with suppress(OSError):  # a terminal that has gone needs nothing put back
        while data:
            data = data[os.write(2, data) :]


def _die(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)
