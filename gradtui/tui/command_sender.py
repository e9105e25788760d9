"""What the program was told and hasn't answered yet: one command at a time, however fast keys come."""

from __future__ import annotations

import time
from collections.abc import Callable

from gradtui.model.messages import ON_THE_WAY, STEPS, Act, Command, FromViewer

QUICK = 0.25
"""Seconds for which a step may take before the screen says that backward runs."""


class CommandSender:
    """Sends commands, at most one that is unanswered; a held-down key is worth one step more, no queue."""

    def __init__(
        self, send: Callable[[FromViewer], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._send, self._clock = send, clock
        self.sent: Act | None = None
        """What hasn't been answered."""
        self._since = 0.0
        self._again: Command | None = None

    def tell(self, command: Command) -> bool:
        """Send a command; False where one is on its way already."""
        if command.act in ON_THE_WAY:
            self._send(command)
            return True
        if self.sent is not None:
            if self.sent is command.act is Act.STEP:
                self._again = command
            return False
        self.sent, self._since = command.act, self._clock()
        self._send(command)
        return True

    def answered(self) -> None:
        """The program is held again."""
        self.sent = None
        again, self._again = self._again, None
        if again is not None:
            self.tell(again)

    def forget(self) -> None:
        """No step is to follow: something else came than an answer to one."""
        self._again = None

    @property
    def late(self) -> bool:
        """Whether a step takes so long that it had better be spoken of."""
        return self.sent in STEPS and self._clock() - self._since > QUICK
