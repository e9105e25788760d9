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


Event = FromDebuggee | Output | Ended
