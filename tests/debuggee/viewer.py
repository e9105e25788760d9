"""A viewer that says what it was given to say, one message at a time, and remembers what it heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from gradtui.debuggee.instrumentation import Instrumentation
from gradtui.model.breaks import Break
from gradtui.model.messages import Act, Answer, Command, Plan, Reason, Stepped, Stopped
from gradtui.model.snapshot import Snapshot
from tests.debuggee.recording import Listener

Said = Command | Any
Sayer = Callable[["Viewer"], Said]
"""A message that depends on what was heard so far."""


class Viewer(Listener):
    """After what it was given to say, it says `then` for ever."""

    def __init__(self, *says: Said | Sayer, then: Act = Act.CONTINUE) -> None:
        super().__init__()
        self.says = list(says)
        self.then = then
        self.interrupts: list[Command] = []
        """Said as soon as anybody looks, while the program runs."""

    def receive(self) -> Any:
        if self.interrupts:
            return self.interrupts.pop(0)
        if not self.says:
            return Command(self.then)
        message = self.says.pop(0)
        return message(self) if callable(message) else message

    def poll(self) -> bool:
        return bool(self.interrupts)

    @property
    def stepped(self) -> list[Stepped]:
        return [message for message in self.said if isinstance(message, Stepped)]

    @property
    def stopped(self) -> list[Snapshot]:
        return [message.snapshot for message in self.said if isinstance(message, Stopped)]

    @property
    def answers(self) -> list[Answer]:
        return [message for message in self.said if isinstance(message, Answer)]

    @property
    def reasons(self) -> list[Reason]:
        return [message.reason for message in self.stepped]

    @property
    def passed(self) -> list[str]:
        """Names of the nodes that were passed, in order."""
        return [self.name(one.node) for message in self.stepped for one in message.passed]

    def name(self, node: int) -> str:
        graph = self.stopped[-1].graph
        assert graph is not None
        return graph.node_name(node) if node >= 0 else ""

    def node(self, name: str) -> int:
        """The first node of a name in the graph of the last stop."""
        graph = self.stopped[-1].graph
        assert graph is not None
        return next(node for node in range(len(graph)) if graph.node_name(node) == name)

    @property
    def nexts(self) -> list[str]:
        """Names of the nodes before which it was held; empty for the end."""
        return [self.name(message.next_node) for message in self.stepped]


@contextmanager
def watched(viewer: Viewer) -> Iterator[Instrumentation]:
    """While this is entered, what the code does is recorded, and the viewer has its say."""
    watching = Instrumentation(Plan(("program.py",), "script"), viewer)  # type: ignore[arg-type]
    watching.torch_imported()
    try:
        yield watching
    finally:
        watching.remove()


def shown(program: Callable[[], object], *says: Said | Sayer, then: Act = Act.CONTINUE) -> Viewer:
    """A viewer that has watched a program, and said these things at its holds."""
    viewer = Viewer(*says, then=then)
    with watched(viewer):
        program()
    return viewer


def going(*breaks: Break, act: Act = Act.CONTINUE) -> Command:
    return Command(act, breaks=breaks)


STEP, OVER, FINISH, CONTINUE = (Command(act) for act in (Act.STEP, Act.OVER, Act.FINISH, Act.CONTINUE))


def to(name: str) -> Sayer:
    """Run to the first node of a name."""
    return lambda viewer: Command(Act.TO, viewer.node(name))
