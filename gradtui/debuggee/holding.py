"""Talking to the viewer: what is said to it, and the wait for its word while the program is held."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType
from typing import Any

from torch import Tensor

from gradtui.debuggee.evaluating import evaluated
from gradtui.debuggee.garbage import uncollected
from gradtui.debuggee.quiet import silenced
from gradtui.debuggee.readings import undisturbed
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.saved import saved, storage_of
from gradtui.debuggee.values import shown
from gradtui.model.breaks import Break
from gradtui.model.columns import NONE
from gradtui.model.messages import (
    ON_THE_WAY,
    Act,
    Answer,
    Command,
    Evaluate,
    ProgramPhase,
    Progress,
    Show,
    Training,
    Weigh,
    Weighed,
)
from gradtui.wire.channel import Channel

TICK = 0.2
"""Seconds between two signs of life."""
HEARD = 0.15
"""Seconds for which what was heard counts as all that was said: to ask the socket takes 20 us. Shorter than
a tick, so that short steps are held at their backward, and long ones at a tick."""

RUNNING = "The program runs: hold it first."
NOT_NOW = "Saved tensors can be read before backward begins, not while it runs."


@dataclass(frozen=True, slots=True)
class HeldState:
    """What can be looked at while the program is held; not kept longer than that."""

    frames: Sequence[FrameType] = ()
    """The user's, innermost first."""
    node: int = NONE
    handed: Sequence[Tensor | None] = field(default=())
    """The gradients that `node` is handed."""
    nodes: Sequence[Any] = ()
    """All nodes of the graph, while backward hasn't begun."""


class Holding:
    """The viewer, as the program's side sees it, and what it wants."""

    def __init__(self, channel: Channel, recorder: Recorder) -> None:
        self.channel, self.recorder = channel, recorder
        self.attached = True
        """Somebody is there."""
        self.free = False
        """The viewer has let go: nothing is held any more."""
        self.past = False
        """Backwards are run past, until a break comes true."""
        self.breaks: tuple[Break, ...] = ()
        """Conditions that hold it, as they were said last."""
        self.pausing = False
        """Somebody has asked for a hold while it ran."""
        self.enough = False
        """Somebody doesn't want to wait for what is being read."""
        self.interrupted = False
        """An interrupt came while an expression was evaluated: if the viewer hangs up next, it was for the
        program."""
        self.training: Callable[[], Training] = Training
        """Says how far a training has come."""
        self.due = 0.0
        """When the next sign of life is due."""
        self._deaf_until = 0.0
        """When what the viewer says will be heard again by `overhear`."""

    @property
    def holds(self) -> bool:
        """Whether the program may be held at all."""
        return self.attached and not self.free

    def send(self, message: Any) -> None:
        if self.attached:
            self.attached = self.channel.send(message) is not False

    def wait(self, state: HeldState) -> Command:
        """Answer the viewer's questions until it says to go on."""
        while self.attached:
            message = self.channel.receive()
            if message is None:
                self.attached = False
                if self.interrupted:
                    raise KeyboardInterrupt
            self.interrupted = False
            if isinstance(message, Command):
                if message.act not in ON_THE_WAY:  # said while it was busy; it came to a halt by itself
                    return self._obey(message)
            elif isinstance(message, (Evaluate, Show)):
                self.send(self._answer(message, state))
            elif isinstance(message, Weigh):
                self.send(self._weigh(message, state))
        return self._obey(Command(Act.DETACH))

    def _obey(self, command: Command) -> Command:
        self.pausing = False
        self.breaks = command.breaks
        self.past = command.act is Act.RUN
        self.free = self.free or command.act is Act.DETACH
        return command

    @silenced
    def _answer(self, message: Evaluate | Show, state: HeldState) -> Answer:
        """What an expression comes to, or a page of a tensor."""
        try:
            if isinstance(message, Evaluate):
                self.recorder.tape.unwritten.clear()  # which is not recorded, and may write
                self.recorder.on_grads()
                return evaluated(message, state.frames)
            if message.tensor == NONE:
                return shown(message, _handed(message, state))
            return shown(message, self._tensor(message.tensor))
        except KeyboardInterrupt:
            self.interrupted = True
            return Answer(message.request, "KeyboardInterrupt", error=True)
        except Exception as error:  # a question mustn't do the program any harm
            return Answer(message.request, f"{type(error).__name__}: {error}", error=True)

    @silenced
    def _weigh(self, message: Weigh, state: HeldState) -> Weighed:
        """What the nodes have saved; none of it is kept."""
        if not state.nodes:
            return Weighed(message.request, error=NOT_NOW)
        try:
            with undisturbed(), uncollected():
                told = saved(state.nodes, self.recorder.under_saved_hooks, self._owners(), self._weighing)
            return Weighed(message.request, told)
        except Exception as error:  # a question mustn't do the program any harm
            return Weighed(message.request, error=f"{type(error).__name__}: {error}")

    def _owners(self) -> dict[int, int]:
        """By storage the identity of the leaf that it belongs to."""
        tape = self.recorder.tape
        found: dict[int, int] = {}
        for key, value in tape.alive().items():
            tensor = tape.refs[key]()
            if tensor is not None and tensor.requires_grad and tensor.is_leaf:
                found.setdefault(storage_of(tensor), tape.tensor[value])
        return found

    def _weighing(self, done: int, total: int) -> bool:
        return self.reads_on(ProgramPhase.WEIGHING, done, total)

    def reads_on(self, phase: ProgramPhase, done: int, total: int = 0) -> bool:
        """Say how far a reading has come; whether the rest is wanted too."""
        self.send(Progress(self.recorder.tape.next_order, None, phase, done, total))
        self.enough = False
        self.listen()
        return not self.enough

    def _tensor(self, identity: int) -> Tensor | None:
        tape = self.recorder.tape
        for key, value in tape.alive().items():
            if tape.tensor[value] == identity:
                return tape.refs[key]()
        return None

    def overhear(self) -> None:
        """As `listen`, unless that was done just now."""
        if time.monotonic() >= self._deaf_until:
            self.listen()

    def listen(self) -> None:
        """Hear what the viewer says while the program runs."""
        self._deaf_until = time.monotonic() + HEARD
        while self.holds and self.channel.poll():
            message = self.channel.receive()
            if message is None:
                self.attached = False
            elif isinstance(message, Command):
                self.pausing = self.pausing or message.act is Act.PAUSE
                self.enough = self.enough or message.act is Act.ENOUGH
                self.free = self.free or message.act is Act.DETACH
                if message.act is Act.ARM:
                    self.breaks = message.breaks
            elif isinstance(message, (Evaluate, Show)):
                self.send(Answer(message.request, RUNNING, error=True))
            elif isinstance(message, Weigh):
                self.send(Weighed(message.request, error=RUNNING))

    def tick(
        self,
        frame: FrameType | None,
        phase: ProgramPhase,
        done: int = 0,
        total: int = 0,
    ) -> bool:
        """Say where the program is and hear the viewer, a few times a second; whether it was time to."""
        now = time.monotonic()
        if now < self.due:
            return False
        self.due = now + TICK
        sites = self.recorder.sites
        site = None if frame is None else sites.table[sites.here(frame)]
        self.send(Progress(self.recorder.tape.next_order, site, phase, done, total, self.training()))
        self.listen()
        return True


def _handed(message: Show, state: HeldState) -> Tensor | None:
    if message.node != state.node or not 0 <= message.slot < len(state.handed):
        return None
    return state.handed[message.slot]
