"""The command in a real terminal, held at the moment at which it begins to import Textual."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from tests.terminal import Terminal, command

ENTER, LEAVE, SHOW = "\x1b[?1049h", "\x1b[?1049l", "\x1b[?25h"

GATE = """\
import os, signal, sys, time

def wait_for(file):
    end = time.monotonic() + 100
    while not os.path.exists(file):
        assert time.monotonic() < end, f"{{file}} never came"
        time.sleep(0.01)

class Gate:
    def find_spec(self, name, path=None, target=None):
        if name == "textual":
            sys.meta_path.remove(self)
            {act}

sys.meta_path.insert(0, Gate())
from gradtui.cli import main
sys.exit(main())
"""
"""The command, which does something of the test's before it imports Textual."""


@contextmanager
def opening(
    *words: str | Path,
    act: str = "pass",
    columns: int = 100,
    rows: int = 30,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[Terminal]:
    """`gradtui WORDS` between two looks of a shell at the terminal's state."""
    gate = GATE.format(act=act)
    shell = 'trap : INT; stty -g; "$@"; s=$?; echo; stty -g; echo "status $s"'
    words = ("sh", "-c", shell, "sh", sys.executable, "-c", gate, *map(str, words))
    with command(list(map(str, words)), columns=columns, rows=rows, environment=environment) as terminal:
        yield terminal


def state_kept(terminal: Terminal) -> bool:
    """Whether everything is as the shell left it: its modes, its own screen, and its cursor."""
    raw = terminal.raw.decode(errors="replace")
    lines = raw.splitlines()
    before, after = lines[0].partition("\x1b")[0], lines[-2]
    return before == after and raw.count(ENTER) == raw.count(LEAVE) and raw.rfind(LEAVE) <= raw.rfind(SHOW)
