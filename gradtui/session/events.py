"""What a session tells its viewer."""

from __future__ import annotations

from dataclasses import dataclass

from gradtui.model.messages import FromDebuggee
from gradtui.model.stops import Outcome


@dataclass(frozen=True, slots=True)
class Output:
    """Something the program wrote to its terminal, cut anywhere: perhaps in the middle of a character."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Ended:
    """The program is gone. Nothing comes after this."""

    outcome: Outcome
    damage: str = ""
    """One sentence where it is a recording that isn't whole, so that it isn't known how the program ended."""
    nothing: str = ""
    """One sentence where it is one that has nothing to show."""


Event = FromDebuggee | Output | Ended
