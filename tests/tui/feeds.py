"""A program that is made up: it says what a test tells it to, and notes what it was told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from gradtui.model.breaks import Break
from gradtui.model.columns import NONE
from gradtui.model.gradients import Grads, GradSummary, Passed
from gradtui.model.messages import (
    Act,
    Answer,
    Command,
    Evaluate,
    Finished,
    FromViewer,
    Plan,
    Reason,
    Show,
    Stepped,
    Stopped,
    Weigh,
    Weighed,
)
from gradtui.model.saved import Saved
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome
from gradtui.session.events import Ended, Event
from gradtui.session.launch import Launch

LAUNCH = Launch(Plan(("train.py",), "script"))


class MadeUp:
    """Says its events in order; after one at which it is held it waits to be told to go on."""

    def __init__(self, *events: Event, hold: bool = True) -> None:
        self.inbox: asyncio.Queue[Event] = asyncio.Queue()
        self.coming = list(events)
        self.sent: list[FromViewer] = []
        self.typed = b""
        self.launch: Launch | None = None
        self.sizes: list[tuple[int, int]] = []
        self.wants_input: bool | None = False
        """Whether it waits for somebody to type, as far as anybody can tell."""
        self.killed = False
        self.interrupted = False
        self.thinks = False
        """Whether it answers nothing that it is to evaluate."""
        self.hold = hold

    async def start(self, launch: Launch) -> None:
        self.launch = launch
        self._go_on()

    async def events(self) -> AsyncIterator[Event]:
        while True:
            event = await self.inbox.get()
            yield event
            if isinstance(event, Ended):
                return

    def say(self, *events: Event) -> None:
        for event in events:
            self.inbox.put_nowait(event)

    def send(self, message: FromViewer) -> None:
        self.sent.append(message)
        if isinstance(message, Command) and message.act in (Act.CONTINUE, Act.RUN):
            self._go_on()

    def type(self, data: bytes) -> None:
        self.typed += data

    def asks(self) -> bool | None:
        return self.wants_input

    def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))

    def interrupt(self) -> None:
        self.interrupted = True

    def signal(self, number: int) -> None:
        """It has no process."""

    def kill(self) -> asyncio.Task[None]:
        self.killed = True
        self.say(Ended(Outcome(143, 15)))
        return asyncio.create_task(asyncio.sleep(0))

    def close(self) -> asyncio.Task[None]:
        return asyncio.create_task(asyncio.sleep(0))

    def _go_on(self) -> None:
        """Say everything up to the next stop."""
        while self.coming:
            event = self.coming.pop(0)
            if isinstance(event, Finished):
                continue
            self.say(event)
            if isinstance(event, Stopped):
                break


def gradient(norm: float = 1.0, *, nans: int = 0, infs: int = 0, zero: bool = False) -> GradSummary:
    """A gradient in figures, of eight elements."""
    norm = 0.0 if zero else norm
    counts = (1, 2, 3, 1, 1)
    return GradSummary((2, 4), "float32", norm, -norm, norm, 0.0, 8, 8 * zero, nans, infs, counts)


class Engine(MadeUp):
    """A program held before a backward that can be stepped through, with gradients that a test chooses.

    `sends` has, by node, what it sends along each of its edges; others send what they were handed.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        *events: Event,
        sends: dict[int, GradSummary] | None = None,
        raises: dict[int, str] | None = None,
        writer: int = NONE,
    ) -> None:
        super().__init__(Stopped(snapshot), *events)
        assert snapshot.graph is not None
        self.graph = snapshot.graph
        self.sends, self.raises, self.writer = sends or {}, raises or {}, writer
        self.handed: dict[int, GradSummary] = {root: gradient() for root in self.graph.roots}
        self.order = self._ordered()
        self.at = 0
        self.saved = Saved()
        self.answering = True
        """Whether commands are answered at once; otherwise when `answer` is called."""

    def send(self, message: FromViewer) -> None:
        super().send(message)
        match message:
            case Command(act) if act in (Act.STEP, Act.OVER, Act.TO, Act.FINISH):
                if self.answering:
                    self.answer(message)
            case Show():
                text = "tensor([1., nan, -inf])" if not message.offset else "tensor([4.])"
                self.say(
                    Answer(message.request, text, False, message.offset, 3 - 2 * bool(message.offset), 4)
                )
            case Weigh():
                self.say(Weighed(message.request, self.saved))
            case Evaluate() if not self.thinks:
                wrong = message.expression.startswith("wrong")
                text = "NameError: no such name" if wrong else f"value of {message.expression}"
                self.say(Answer(message.request, text, wrong))

    def answer(self, command: Command) -> None:
        """Go as far as a command says."""
        last = {Act.STEP: self.at + 1, Act.OVER: self.at + 3, Act.FINISH: len(self.order)}
        wanted = self.order.index(command.node) if command.act is Act.TO else last[command.act]
        self.run(wanted, Reason.TARGET if command.act is Act.TO else Reason.STEP)

    def run(self, wanted: int, reason: Reason, broke: Break | None = None) -> None:
        """Pass nodes until so many have been passed, and say so."""
        passed: list[Passed] = []
        while self.at < min(wanted, len(self.order)):
            node = self.order[self.at]
            if node in self.raises:
                self._say(passed, Reason.RAISED, None, self.raises[node])
                return
            passed.append(self._pass(node))
        self._say(passed, reason if self.at < len(self.order) else Reason.END, broke)

    def _say(self, passed: list[Passed], reason: Reason, broke: Break | None, error: str = "") -> None:
        node = self.order[self.at] if self.at < len(self.order) else NONE
        receives: Grads = (self.handed[node],) if node != NONE else ()
        writer = self.writer if error else NONE
        self.say(Stepped(tuple(passed), node, self.at, reason, receives, broke, error, writer))

    def _pass(self, node: int) -> Passed:
        self.at += 1
        sent = self.sends.get(node, self.handed[node])
        edges = self.graph.edges[node]
        for target in edges:
            if target != NONE:
                self.handed[target] = sent
        return Passed(node, (self.handed[node],), (sent,) * len(edges), self.at)

    def _ordered(self) -> list[int]:
        """Nodes so that each comes after all that send to it."""
        waiting = [0] * len(self.graph)
        for node in range(len(self.graph)):
            for target in self.graph.children(node):
                waiting[target] += 1
        ready = [node for node in range(len(self.graph)) if not waiting[node]]
        order = []
        while ready:
            node = ready.pop(0)
            order.append(node)
            for target in self.graph.children(node):
                waiting[target] -= 1
                if not waiting[target]:
                    ready.append(target)
        return order
