"""Places in source code: sites, whole stacks of them, and the text of the files they point into."""

from __future__ import annotations

import re
from dataclasses import dataclass

WRITTEN_BY_FX = "<eval_with_key>"
"""How the files begin that `torch.fx` pretends its generated `forward`s to stand in: nobody can edit them."""


@dataclass(frozen=True, slots=True)
class Site:
    """One expression in a source file that was executing."""

    file: str
    """Absolute path, or a name in angle brackets such as `<string>` where there is no file."""
    line: int
    """Counted from 1; 0 where it is unknown."""
    end_line: int
    column: int
    """Counted from 0, in characters."""
    end_column: int
    function: str
    """Qualified name of the function, `<module>` at the top of a file."""
    user: bool
    """Whether the file is the user's own: not torch, not an installed library, not the standard library."""

    @property
    def place(self) -> str:
        """The file's name and line, as a person would say it."""
        return f"{self.file.rsplit('/', 1)[-1]}:{self.line}"


@dataclass(frozen=True, slots=True)
class SourceFile:
    """The text of a file as it was when the program ran."""

    path: str
    text: str


def lines_of(text: str) -> list[str]:
    """The lines of a file as Python counts them: a form feed, at which `splitlines` splits, ends none."""
    lines = re.split(r"\r\n|\r|\n", text)
    return lines if lines[-1] else lines[:-1]
