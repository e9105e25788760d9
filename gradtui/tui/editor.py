"""The user's own editor: which command opens a file of theirs at a line."""

from __future__ import annotations

import os
import select
import shlex
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

VARIABLES = ("VISUAL", "EDITOR")
PLUS = frozenset(
    [
        "vi",
        "vim",
        "nvim",
        "view",
        "nano",
        "pico",
        "emacs",
        "emacsclient",
        "mg",
        "joe",
        "jed",
        "ne",
        "kak",
        "micro",
    ]
)
"""Those that take `+N FILE`."""
GOTO = frozenset(["code", "code-insiders", "codium", "vscodium", "cursor", "windsurf"])
"""Those that take `-g FILE:N`."""
COLON = frozenset(["hx", "helix", "subl", "zed"])
"""Those that take `FILE:N`."""
FALLBACK = "vi"
LOOK = 0.5
"""Seconds between two looks at the terminal while it is lent to the editor."""


def chosen(environment: Mapping[str, str]) -> list[str]:
    """The editor that the environment names, with its options; empty where it names none."""
    for variable in VARIABLES:
        try:
            words = shlex.split(environment.get(variable, ""))
        except ValueError:
            words = []  # a quote that is never closed
        if words:
            return words
    return []


def command(environment: Mapping[str, str], path: str, line: int) -> list[str]:
    """What to run to edit a line: vi where no editor is named, empty where there is no vi either."""
    words = chosen(environment)
    if not words:
        found = shutil.which(FALLBACK, path=environment.get("PATH"))
        words = [found] if found else []
    return [*words, *_arguments(Path(words[0]).name, path, line)] if words else []


def run(words: Sequence[str]) -> int:
    """Run it to its end in our own terminal; gives its exit status.

    Where the terminal is gone meanwhile the editor is left to itself, and we end as by the signal that says
    so: which reaches any of our threads, and by itself doesn't wake the one that waits for the editor.
    """
    ours, editing = os.isatty(0), subprocess.Popen(words)
    while True:
        try:
            return editing.wait(LOOK)
        except subprocess.TimeoutExpired:
            if ours and _hung_up():
                signal.raise_signal(signal.SIGHUP)
                return 0


def _hung_up() -> bool:
    """Whether the terminal that we read from is gone."""
    looked = select.poll()
    try:
        looked.register(0, select.POLLHUP)
    except OSError:
        return True
    return any(event & select.POLLHUP for _, event in looked.poll(0))


def _arguments(editor: str, path: str, line: int) -> list[str]:
    if editor in PLUS:
        return [f"+{line}", path]
    if editor in GOTO:
        return ["-g", f"{path}:{line}"]
    if editor in COLON:
        return [f"{path}:{line}"]
    return [path]
