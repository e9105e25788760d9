"""The recordings that the screen was opened on, of which it shows one at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradtui.model.recording import Recording
from gradtui.session.recorded import Recorded


@dataclass(slots=True)
class Recordings:
    files: Sequence[tuple[str, Recording]]
    """Each with what it says of itself."""
    at: int = 0
    """Which of them is shown."""

    @property
    def title(self) -> str:
        """What the one is of that is shown."""
        return self.files[self.at][1].title

    @property
    def several(self) -> bool:
        """Whether there are others to go on to."""
        return len(self.files) > 1

    @property
    def sentence(self) -> str:
        """Which one it is, in a few words; and when it began where its title doesn't tell."""
        if not self.several:
            return "recorded"
        began = f" ({self.files[self.at][1].when})" if self._alike else ""
        return f"recording {self.at + 1} of {len(self.files)}{began}"

    @property
    def introduction(self) -> str:
        """What the one is of that is shown; where it lies and when it began, where that doesn't tell."""
        file, recording = self.files[self.at]
        return f"{self.title}, begun {recording.when}: {Path(file).name}" if self._alike else self.title

    @property
    def _alike(self) -> bool:
        """Whether another one has the same title: one script that has run several times."""
        return sum(recording.title == self.title for _, recording in self.files) > 1

    def feed(self) -> Recorded:
        """Tells the screen of the one that is shown."""
        return Recorded(self.files[self.at][0])

    def turn(self, steps: int) -> bool:
        """Go on to another one; False where there is none."""
        if not self.several:
            return False
        self.at = (self.at + steps) % len(self.files)
        return True
