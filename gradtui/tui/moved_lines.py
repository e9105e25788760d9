"""Where the lines of a file have gone that was edited between two runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from gradtui.model.breaks import Break
from gradtui.model.source import lines_of
from gradtui.tui.breaks import Breaks, Kept


@dataclass(frozen=True)
class MovedLines:
    """By file the new number of each old line; a file that isn't named has stayed as it was."""

    files: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def line(self, file: str, line: int) -> int:
        """The line's number now; where it was taken out, 0."""
        return self.files[file].get(line, 0) if file in self.files else line


def moved_lines(before: Mapping[str, str], after: Mapping[str, str]) -> MovedLines:
    """How the lines of those files moved whose text is another one now."""
    return MovedLines(
        {
            path: _moved(lines_of(text), lines_of(after[path]))
            for path, text in before.items()
            if path in after and after[path].rstrip() != text.rstrip()
        }
    )


def _moved(before: list[str], after: list[str]) -> dict[int, int]:
    """New numbers by old ones. A line that was rewritten where it stands is still the same line."""
    found: dict[int, int] = {}
    for what, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if what == "equal" or (what == "replace" and end - start == last - first):
            found.update((line + 1, line + 1 + first - start) for line in range(start, end))
    return found


def follow(breaks: Breaks, moved: MovedLines) -> None:
    """Let breaks stand on the lines they were set on; one whose line is gone is switched off."""
    breaks.kept = [_followed(item, moved) for item in breaks.kept]


def _followed(item: Kept, moved: MovedLines) -> Kept:
    condition: Break = item.condition
    if not condition.line:
        return item
    line = moved.line(condition.file, condition.line)
    return replace(item, condition=replace(condition, line=line)) if line else replace(item, on=False)
