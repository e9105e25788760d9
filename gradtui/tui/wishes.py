"""What the user wants of the screen, whatever it shows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from gradtui.tui.keymap import Keymap
from gradtui.tui.splash import Splash


@dataclass(frozen=True, slots=True)
class Wishes:
    """How the user wants it shown, whatever is shown."""

    splash: Splash | None = None
    """What is drawn there already, until the screen draws."""
    mute: Collection[str] = ()
    typed: Collection[str] = ()
    """What of `mute` the user typed, so that a name that nothing has is a slip worth a word."""
    keymap: Keymap | None = None
    """Keys that the user gave to actions."""
    ascii_only: bool = False
    quiet: bool = False
    """Notes are only counted."""
