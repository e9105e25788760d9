"""Stepping: the program's own backward, held by hooks on its nodes wherever the viewer wants it.

The hooks may run in a thread of the engine's. They change nothing and hold no gradient longer than they run.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from types import FrameType
from typing import Any

from torch import Tensor

from gradtui.debuggee.breaks import Conditions, Places
from gradtui.debuggee.garbage import uncollected
from gradtui.debuggee.holding import HeldState, Holding
from gradtui.debuggee.hooks import Gradients, NodeHooks
from gradtui.debuggee.norms import Norms
from gradtui.debuggee.quiet import silenced
from gradtui.debuggee.readings import Depth, Reading, summaries, take, tested, undisturbed
from gradtui.debuggee.recorder import Recorder
from gradtui.model.breaks import Break
from gradtui.model.columns import NONE
from gradtui.model.gradients import Grads, Learnt, Passed
from gradtui.model.graph import Graph
from gradtui.model.messages import Act, Command, ProgramPhase, Reason, Stepped

LARGE = 20_000
"""Nodes of a graph beyond which only norms are taken while it runs."""

Readings = Sequence[Reading | None]


Visit = tuple[int, Readings, Readings, int]
"""A node that backward has been through, what it received and sent, and which step that was."""


class Stepping:
    """One backward with hooks on its nodes. `remove` has to be called when it is over, however it ended."""

    def __init__(
        self,
        graph: Graph,
        nodes: Sequence[Any],
        recorder: Recorder,
        holding: Holding,
        places: Places,
        frames: Sequence[FrameType],
        announce: Callable[[], None],
    ) -> None:
        self.graph, self.recorder, self.holding = graph, recorder, holding
        self.places, self.frames = places, frames
        self.announce = announce
        """Tells the viewer of this backward, unless it knows, before it hears of its nodes."""
        self.asleep = False
        """The hooks do nothing: it is over, or the viewer evaluates something that may get here."""
        self.steps = 0
        self._visits: list[Visit] = []
        self._entered, self._branch = NONE, NONE
        """The node that was entered last, and the last that isn't a leaf's."""
        self._open: list[int] = []
        """Nodes that were entered and haven't ended, leaves apart."""
        self._broke: Break | None = None
        """A condition that came true, and nobody was held for yet."""
        self._handed: dict[int, Readings] = {}
        """What nodes were handed at which backward was held, and that haven't ended."""
        self._recent: tuple[Any, int, Reading | None] = (None, 0, None)
        """The gradient that was read last, weakly: what one node sends, the next often receives."""
        self._act, self._target = Act.CONTINUE, NONE
        self._inside: frozenset[int] = frozenset()
        self._breaks: tuple[Break, ...] = ()
        self._come_true: set[Break] = set()
        self._conditions = Conditions((), places, self._come_true)
        self._norms = Norms()
        """Of the nodes that were passed in a large graph while it ran."""
        self._only_norms = False
        self._depth = Depth.FIGURES
        self._runs = False
        """No node is waited for: only values, a key and the end can hold it."""
        self._lock = threading.RLock()
        self._hooks = NodeHooks(graph, nodes, before=self._before, after=self._after, leaves=self._leaf)

    def obey(self, command: Command, node: int = NONE) -> None:
        """Go on as a command says, from the place before `node`."""
        self._act, self._target = command.act, command.node
        self._depth = Depth.HISTOGRAM if command.act is Act.STEP else Depth.FIGURES
        self._only_norms = len(self.graph) > LARGE and command.act is not Act.STEP
        self._arm(command.breaks)
        if command.act is Act.OVER:
            leaf = node == NONE or self.graph.leaf[node] != NONE
            self._inside = self.places.beside(self._branch if leaf else node)
        runs = command.act in (Act.CONTINUE, Act.RUN) and not command.breaks
        if runs or not self.holding.holds:
            self.remove()

    def _arm(self, breaks: tuple[Break, ...]) -> None:
        """Hold it at these from here on."""
        self._breaks = breaks
        if self.steps:  # of one that is set on the way only what changes from here on is news
            known = {one for one, _ in self._conditions.values}
            self._come_true.update(one for one in breaks if one not in known)
        self._conditions = Conditions(breaks, self.places, self._come_true)
        self._runs = self._act in (Act.CONTINUE, Act.RUN, Act.FINISH) and not self._conditions.placed

    def remove(self) -> None:
        """Take the hooks out: from here on backward runs as if they had never been."""
        self.asleep = True
        self._hooks.remove()
        self._handed.clear()

    # how it ends

    def ended(self, learnt: Callable[[Graph], tuple[Learnt, ...]]) -> Command | None:
        """Hold once more after the last node where somebody stepped; gives the command that came then."""
        wanted = self._act not in (Act.CONTINUE, Act.RUN) or self._broke is not None
        if self.asleep or not wanted:
            return None
        reason = Reason.END if self._broke is None else Reason.BREAK
        message = self._message(reason, NONE, (), self._broke)
        return self._told(replace(message, learnt=learnt(self.graph)), HeldState(self.frames))

    def raised(self, error: Exception, writer: Callable[[int], int]) -> Command | None:
        """Hold at the node that raised."""
        node = self._open[-1] if self._open else self._entered
        if self.asleep or node == NONE:
            return None
        received = self._handed.get(node, ())
        message = self._message(Reason.RAISED, node, received, None, said(error), writer(node))
        return self._told(message, HeldState(self.frames))

    # the hooks

    def _before(self, node: int, received: Gradients) -> None:
        if self.asleep:
            return
        with self._lock:
            previous, self._entered = self._branch, node
            if self.graph.leaf[node] == NONE:
                self._branch = node
                self._open.append(node)
            if self._runs and self._broke is None and monotonic() < self.holding.due:
                return
            try:
                self._wait(node, previous, received)
            except Exception as error:  # a fault of ours mustn't become one of the program's
                self._failed(error)

    def _wait(self, node: int, previous: int, received: Gradients) -> None:
        """Hold before a node, where there is a reason to."""
        self.holding.tick(None, ProgramPhase.BACKWARD, self.steps, len(self.graph))
        if not self.holding.holds:
            self.remove()
            return
        if self.holding.breaks != self._breaks:
            self._rearm()
        reason, broke = self._reason(node, previous)
        if reason is not None:
            self._hold(node, received, reason, broke)

    @silenced
    def _rearm(self) -> None:
        """Somebody has set a break, or taken one away, since it runs."""
        with undisturbed():
            self._arm(self.holding.breaks)

    def _reason(self, node: int, previous: int) -> tuple[Reason | None, Break | None]:
        """Why backward is to be held before a node; None where it isn't."""
        broke, self._broke = self._broke, None
        if broke is None and self._conditions.placed:
            broke = self._conditions.before(node, previous)
        if broke is not None:
            return Reason.BREAK, broke
        if self.holding.pausing:
            return Reason.PAUSED, None
        match self._act:
            case Act.STEP:
                return Reason.STEP, None
            case Act.OVER if node not in self._inside:
                return Reason.STEP, None
            case Act.TO if node == self._target:
                return Reason.TARGET, None
        return None, None

    def _leaf(self, node: int, received: Gradients) -> None:
        """A leaf's node sends nothing: it is told as passed once anything comes after it."""
        self._pass(node, (), received)

    def _after(self, node: int, sent: Gradients, received: Gradients) -> None:
        if not self.asleep:
            self._pass(node, sent, received)

    def _pass(self, node: int, sent: Gradients, received: Gradients) -> None:
        if not self.asleep:
            with self._lock:
                self._passed(node, sent, received)

    @silenced  # under the lock: what it was before mustn't be what another thread has set
    def _passed(self, node: int, sent: Gradients, received: Gradients) -> None:
        try:
            with undisturbed():
                self._visit(node, sent, received)
        except Exception as error:  # the same
            self._failed(error)

    def _visit(self, node: int, sent: Gradients, received: Gradients) -> None:
        self.steps += 1
        if self._open and self._open[-1] == node:
            self._open.pop()
        elif node in self._open:
            self._open.remove(node)
        handed = self._handed.pop(node, None)
        asked = bool(self._conditions.values) and self._broke is None
        if self._only_norms and handed is None:
            norms = self._norms
            norms.visit(node, self.steps, received, sent)
            if asked:
                self._broke = self._met(norms.last_sent(), norms.last_received)
            return
        got = handed or self._received(received)
        gave = [self._take(gradient) for gradient in sent]
        self._visits.append((node, got, gave, self.steps))
        if asked:
            self._broke = self._met(tested(gave), lambda: tested(got))

    def _met(self, sent: Sequence[float], received: Callable[[], Sequence[float]]) -> Break | None:
        return self._conditions.met(sent, received, first=self.steps == 1)

    def _received(self, received: Gradients) -> Readings:
        if len(received) == 1 and received[0] is not None:
            ref, version, reading = self._recent
            if ref is not None and ref() is received[0] and version == received[0]._version:
                return (reading,)
        return [take(gradient, self._depth) for gradient in received]

    def _take(self, gradient: Tensor | None) -> Reading | None:
        reading = take(gradient, self._depth)
        if reading is not None and gradient is not None and not gradient.is_inference():
            self._recent = (weakref.ref(gradient), gradient._version, reading)
        return reading

    def _failed(self, error: Exception) -> None:
        self.remove()
        self.recorder.failed(error)

    # holding

    @silenced
    def _hold(self, node: int, received: Gradients, reason: Reason, broke: Break | None) -> None:
        with undisturbed():
            readings = [take(gradient, Depth.HISTOGRAM) for gradient in received]
        self._handed[node] = readings
        message = self._message(reason, node, readings, broke)
        command = self._told(message, HeldState(self.frames, node, received))
        with undisturbed():
            self.obey(command, node)

    def _told(self, message: Stepped, state: HeldState) -> Command:
        """Say where it is held, and wait."""
        self.asleep = True
        try:
            self.announce()
            with uncollected():
                self.holding.send(message)
            del message
            return self.holding.wait(state)
        finally:
            self.asleep = False

    def _message(
        self,
        reason: Reason,
        node: int,
        receives: Readings,
        broke: Break | None,
        error: str = "",
        writer: int = NONE,
    ) -> Stepped:
        visits, self._visits = self._visits, []
        found: list[Grads] = summaries(
            [receives, *(group for _, received, sent, _ in visits for group in (received, sent))]
        )
        with uncollected():
            passed = self._norms.take()
        passed += [
            Passed(node, found[2 * index + 1], found[2 * index + 2], step)
            for index, (node, _, _, step) in enumerate(visits)
        ]
        passed.sort(key=lambda one: one.step)
        if reason is Reason.RAISED and self.graph.leaf[node] != NONE and passed and passed[-1].node == node:
            passed.pop()  # told as passed when it was entered, and it wasn't
            self.steps -= 1
        return Stepped(tuple(passed), node, self.steps, reason, found[0], broke, error, writer)


def said(error: Exception) -> str:
    """An exception as a traceback's last line has it, the message whole."""
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    try:
        return f"{name}: {error}"
    except Exception:  # a __str__ of the program's
        return name
