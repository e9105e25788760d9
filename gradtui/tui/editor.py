"""The user's own editor: which command opens a file of theirs at a line."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Mapping
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


def _arguments(editor: str, path: str, line: int) -> list[str]:
    if editor in PLUS:
        return [f"+{line}", path]
    if editor in GOTO:
        return ["-g", f"{path}:{line}"]
    if editor in COLON:
        return [f"{path}:{line}"]
    return [path]
