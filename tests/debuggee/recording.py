"""Records a piece of code in this very process, as the debuggee records a program."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gradtui.debuggee.instrumentation import Instrumentation
from gradtui.debuggee.stops import Stops
from gradtui.model.messages import Act, Command, Plan, Seen, Stopped
from gradtui.model.snapshot import Snapshot


class Listener:
    """A channel whose other end is this list: it answers every stop with `continue`."""

    def __init__(self) -> None:
        self.said: list[Any] = []

    def send(self, message: Any) -> bool:
        self.said.append(message)
        return True

    def receive(self) -> Command:
        return Command(Act.CONTINUE)

    def poll(self) -> bool:
        return False

    def close(self) -> None:
        pass

    @property
    def snapshots(self) -> list[Snapshot]:
        return [message.snapshot for message in self.said if isinstance(message, Seen | Stopped)]


class Recording:
    """What is recorded, and what was told of it."""

    def __init__(self, watching: Instrumentation, listener: Listener) -> None:
        self.watching = watching
        self.listener = listener

    @property
    def stops(self) -> Stops:
        assert self.watching._stops is not None
        return self.watching._stops

    @property
    def snapshots(self) -> list[Snapshot]:
        return self.listener.snapshots


@contextmanager
def recording(
    *, check: bool = False, unheld: bool = False, stop_at: str = "", listener: Listener | None = None
) -> Iterator[Recording]:
    """While this is entered, what the code does is recorded."""
    gc.collect()  # models of earlier tests that hold themselves would be seen, and might be given its names
    listener = listener or Listener()
    plan = Plan(("program.py",), "script", check=check, steps=0, stop_at=stop_at, unheld=unheld)
    watching = Instrumentation(plan, listener)  # type: ignore[arg-type]
    watching.torch_imported()
    try:
        yield Recording(watching, listener)
    finally:
        watching.remove()


def seen(program: Callable[[], object], *, check: bool = False, unheld: bool = False) -> list[Snapshot]:
    """The snapshots of a program: at its stops, and at its end or at what it raised."""
    with recording(check=check, unheld=unheld) as made:
        try:
            program()
        except Exception as error:
            made.watching.raised(error)
        made.watching.ended(0)
    return made.snapshots
