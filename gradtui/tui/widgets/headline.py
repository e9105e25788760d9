"""The one sentence that matters: what is wrong, where, and whom it costs; or what is being waited for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.diagnosis.sentences import briefly, listed
from gradtui.model.findings import Confidence, Finding, Severity
from gradtui.model.messages import ProgramPhase
from gradtui.model.owners import Optimizer
from gradtui.model.stops import BACKWARDS, Outcome, StopKind
from gradtui.report.headline import counted
from gradtui.report.places import relative
from gradtui.report.tally import is_well, verdict
from gradtui.tui.backward_status import explained, held_because, never_held, slider
from gradtui.tui.keymap import KeyNames
from gradtui.tui.palette import ACCENT, CUT, GOOD, MUTED, REACHED, SIGNS, STYLES, WARNING
from gradtui.tui.passage import Passage
from gradtui.tui.status import AnyPhase, ScreenPhase, Status
from gradtui.tui.view import View, as_of, named

NARROW, HIGH = 100, 24
"""Columns below which, and lines from which on, a sentence may have a third line."""
ROOMY = 40
"""Lines from which on what was raised has a line of its own below the finding that explains it."""
SPINNER = "◐◓◑◒"
WAITING: dict[AnyPhase, str] = {
    ProgramPhase.CAPTURING: "{pause} leaves the rest of the graph unread.",
    ProgramPhase.TELLING: "{pause} reads no more than the last calls: "
    "few nodes get a line, nothing is found.",
    ScreenPhase.DIAGNOSING: "{pause} shows the graph already, without findings.",
    ScreenPhase.ARRANGING: "{pause} shows its first rows already.",
    ScreenPhase.COUNTING: "{pause} shows its first rows already.",
}
"""By phase what can be done about it."""


class Headline(Widget):
    """One sentence: what is wrong, where, and whom it costs; or that all is well."""

    DEFAULT_CSS = "Headline { height: 2; background: ansi_default; color: ansi_default; padding: 0 1; }"

    view: reactive[View | None] = reactive(None)
    number: reactive[int] = reactive(0)
    """Which of the findings it speaks of."""
    runs_past: reactive[bool] = reactive(False)
    """Whether it was asked to run on past its first stop."""

    status: reactive[Status] = reactive(Status())
    """What it speaks of before there is a view."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.passage = Passage()
        self.names = KeyNames()

    @dataclass
    class Slid(Message):
        """The user wants to see another moment of the past."""

        moment: int

    def on_click(self, event: events.Click) -> None:
        moment = event.style.meta.get("moment")
        if moment is not None:
            self.post_message(self.Slid(moment))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Drag the knob."""
        moment = event.style.meta.get("moment") if event.button else None
        if moment is not None and moment != self.passage.moment:
            self.post_message(self.Slid(moment))

    def lines_needed(self, width: int) -> int:
        """One or two, or three where the screen is narrow and not low."""
        if self.view is None:
            return 2
        said = min(self._most(width), self._lines_of(self.sentence(width - 2), width - 2))
        return said + (self._raised() is not None)

    def _most(self, width: int) -> int:
        """Lines that a sentence may have."""
        return 3 if width < NARROW and self.app.size.height >= HIGH else 2

    def _lines_of(self, text: Text, width: int) -> int:
        return 1 if text.cell_len <= width else len(text.wrap(self.app.console, max(8, width)))

    @property
    def finding(self) -> Finding | None:
        """What it speaks of; a note only among what is wrong: by itself it is less than that all is well."""
        view = self.view
        if view is None or view.first is None or self.number >= len(view.listed):
            return None
        return view.listed[self.number]

    def render(self) -> Text:
        width, height = self.size.width, self.size.height
        if self.view is None:
            return self.waiting()
        if self.passage.past:
            return slider(self.passage, width, self.names)
        text, raised = self.sentence(width), self._raised()
        lines = list(text.wrap(self.app.console, max(8, width)))
        if raised is not None and height > 1:
            height -= 1
        if len(lines) > height:
            kept = lines[height - 1].plain.rstrip()
            lines = lines[:height]
            while cell_len(kept) > width - 1:
                kept = kept[:-1]
            lines[-1].truncate(max(1, cell_len(kept)))
            lines[-1].rstrip()
            lines[-1].append("…", MUTED)
        if raised is not None and height < self.size.height:
            raised.truncate(max(8, width), overflow="ellipsis")
            lines.append(raised)
        return Text("\n").join(lines)

    def _raised(self) -> Text | None:
        """How what was raised begins, where the sentence is about a finding that doesn't say it."""
        view, finding, size = self.view, self.finding, self.app.size
        if view is None or finding is None or self.passage.past or size.width < NARROW or size.height < ROOMY:
            return None
        raised = view.snapshot.raised
        if raised is not None:
            kind, message = raised.type, raised.message
        elif explained(view) is not None:
            kind, _, message = view.course.error.partition(": ")
        else:
            return None
        lines = message.strip().splitlines()
        if not lines or lines[0] in finding.message:
            return None
        return Text.assemble((f"  {kind}: ", CUT), lines[0])

    def waiting(self) -> Text:
        """What the program does, and what to wait for."""
        status = self.status
        if status.recorded and status.running:
            return Text("Reading the recording.")
        if status.recorded:
            line = Text.assemble(("✗ ", f"bold {CUT}"), status.nothing or status.damage)
            return line.append("\n{next-recording} shows the next recording.".format_map(self.names), MUTED)
        if status.unread is not None:
            return self.never_started(*status.unread)
        if not status.running:
            sign = ("✗ ", f"bold {CUT}") if status.failed else ("· ", MUTED)
            return Text.assemble(
                sign,
                f"{status.sentence} without a stop.",
                ("\n{rerun} runs it again.".format_map(self.names), MUTED),
            )
        if status.asking:
            line = self.asked()
            line.truncate(max(8, self.size.width), overflow="ellipsis")
            words = "{type} types to it, enter sends the line, esc ends typing.".format_map(self.names)
            return line.append(f"\n{words}", MUTED)
        turn = SPINNER[int(status.elapsed / 0.25) % len(SPINNER)]
        line = Text.assemble((f"{turn} ", f"bold {ACCENT}"), status.sentence)
        line.truncate(self.size.width, overflow="ellipsis")
        soon = PASSED if self.runs_past and not status.pausing else held_soon(status)
        words = (WAITING.get(status.phase) or soon).format_map(self.names)
        if status.phase not in WAITING and cell_len(words) > self.size.width:
            words = held_soon(status, brief=True).format_map(self.names)
        return line.append(f"\n{words}", MUTED)

    def never_started(self, file: str, line: int) -> Text:
        """Which line Python couldn't read, and what to press."""
        outcome = self.status.outcome
        assert outcome is not None
        raised = f"{outcome.raised.type}: " if outcome.raised is not None else ""
        said = Text.assemble(
            ("✗ ", f"bold {CUT}"),
            (f"{Path(file).name}:{line}", f"bold {CUT}"),
            f"  {raised}{outcome.complaint}. Nothing of the program has run.",
        )
        said.truncate(max(8, self.size.width), overflow="ellipsis")
        words = "{edit} edits the line, {rerun} runs it again.".format_map(self.names)
        return said.append(f"\n{words}", MUTED)

    def asked(self) -> Text:
        """That the program waits for somebody, and what it asks."""
        line = Text.assemble(("? ", f"bold {WARNING}"), f"The program {self.status.waits}")
        if self.status.prompt:
            line.append(": ").append(self.status.prompt, "bold")
        return line

    def sentence(self, width: int) -> Text:
        """What it says, in about so many cells a line."""
        view = self.view
        if view is None:
            return Text()
        if self.status.asking:
            return self.asked().append("   {output}, then {type}, types to it.".format_map(self.names), MUTED)
        held = held_because(view, self.passage) if self.status.held else None
        if held is not None:
            return held
        finding = self.finding
        if finding is None:
            return self._with_notes(self.without_findings(view), width)
        folder = view.snapshot.folder
        line = Text.assemble(
            (f"{SIGNS[finding.severity]} ", f"bold {STYLES[finding.severity]}"),
            (f"{relative(finding.file, folder)}:{finding.line}", f"bold {STYLES[finding.severity]}"),
            "  ",
        )
        if finding.confidence is Confidence.LIKELY:
            line.append("likely: ", WARNING)
        whole = line.copy().append_text(prose(finding.message))
        if self._lines_of(whole, width) <= self._most(width):
            return whole
        # The names are listed below it; the reason, which comes after them, is what would be lost here.
        return line.append_text(prose(briefly(finding.message)))

    def _with_notes(self, said: Text, width: int) -> Text:
        """The sentence and how many notes there are, where that costs no further line."""
        view = self.view
        if view is None or view.quiet or not view.notes:
            return said
        key, count = self.names["findings"], counted(view.notes, "note")
        more = said.copy().append(f"   {count}: {key} lists {'it' if view.notes == 1 else 'them'}", MUTED)
        return more if self._lines_of(more, width) == self._lines_of(said, width) else said

    def without_findings(self, view: View) -> Text:
        stop, raised = view.snapshot.stop, view.snapshot.raised
        if raised is not None:
            message = raised.message.strip().splitlines()
            line = Text(f"✗ {raised.type}{':' if message else ''}", f"bold {CUT}")
            return line.append(f" {message[0]}", "none") if message else line
        outcome = self.status.outcome
        if outcome is not None and outcome.killed:
            said = f"{outcome.complaint} {nothing_found(view)}"
            return Text.assemble(("✗ ", f"bold {CUT}"), said)
        if view.ended:
            return self.never_held(view)
        judged = verdict_on(view, outcome, ahead=self.status.ahead_of(view.latest))
        ahead = self.status.held and view.unstepped
        will = self._of_this_backward(view) if judged is None or ahead else None
        if judged is not None and view.tally.steps and will is None:
            return judged
        if not self.status.running:
            return Text.assemble(("· ", MUTED), f"{nothing_found(view)} The tree is of {named(stop)}.")
        if will is not None:
            return will
        if view.left_unread:
            words = "This graph was left unread: {continue} goes on to the next stop."
            return Text.assemble(("‖ ", f"bold {ACCENT}"), words.format_map(self.names))
        return Text.assemble(("· ", MUTED), "Nothing was found that is wrong.")

    def _of_this_backward(self, view: View) -> Text | None:
        """Whom the backward at hand gives a gradient, and who is no part of it; None where it gives none, or
        something is cut off."""
        stop, count = view.snapshot.stop, view.grad_statuses.count
        total, frozen, apart = (
            count[GradStatus.REACHED],
            count[GradStatus.FROZEN],
            count[GradStatus.NOT_IN_LOSS],
        )
        if stop.kind not in BACKWARDS or not total or count[GradStatus.CUT]:
            return None
        if missed := all_missed(view):
            sign = (f"{SIGNS[Severity.WARNING]} ", f"bold {WARNING}")
            whose = f"{_names(missed)} {'holds' if len(missed) == 1 else 'hold'}"
            others = "1 other leaf gets" if total == 1 else f"{total:,} other leaves get"
            return Text.assemble(sign, f"This backward reaches nothing that {whose}: {others} a gradient.")
        noun = "parameter" if total == 1 else f"one of the {total:,} parameters"
        rest = f" that {'requires' if total == 1 else 'require'} grad" if frozen else ""
        if apart:
            rest = " of this loss"
        got = "got" if self.passage.ended and not self.passage.past else "will get"
        will = (
            f"Every {noun}{rest} {got} a gradient from this backward"
            if stop.kind is StopKind.BACKWARD
            else f"Every {noun}{rest} is in this graph; autograd.grad gives what it is asked for"
        )
        left, waiting = view.grad_statuses.left_out, waiting_apart(view)
        # Another loss may be what they are for: it is neither good nor wrong yet.
        sign = (
            ("· ", f"bold {WARNING}")
            if left or (waiting and view.tally.steps)
            else (f"{GOOD} ", f"bold {REACHED}")
        )
        line = Text.assemble(sign, will)
        who = " that the same optimizer holds" if left == apart else ""
        some = f", {left:,} of them held by the same optimizer" if 0 < left < apart else ""
        if waiting and not left:
            who, some = _held_by(waiting, apart, stepped=view.tally.steps > 0)
        for number, which, how in ((frozen, "", "frozen"), (apart, who, f"not part of it{some}")):
            if number:
                line.append(f"; {number:,}{which} {'is' if number == 1 else 'are'} {how}", "none")
        return line.append(".", "none")

    def never_held(self, view: View) -> Text:
        """Why a script came to its end without a stop, and that all is well, if it was judged."""
        outcome = self.status.outcome
        status = outcome.status if outcome is not None else 0
        line = Text.assemble(("· ", MUTED), never_held(view, self.status.stop_at, status))
        judged = verdict_on(view, outcome)
        return line.append(" ").append_text(judged) if judged is not None and view.tally.steps else line


def verdict_on(view: View, outcome: Outcome | None, *, ahead: bool = False) -> Text | None:
    """That all is well, once that was judged: at a step, or at the end of what has no optimizer; else None.

    What has failed isn't well whatever was judged of it before. The program may be `ahead` of the view.
    """
    over = outcome is not None or view.ended
    if not view.judged or view.first is not None or not (view.tally.steps or (over and view.tally.judged)):
        return None
    if outcome is not None and (outcome.status or outcome.complaint):
        return None
    well = is_well(view.tally, view.muted, over=over) and (over or not view.unstepped)
    sign = (f"{GOOD} ", f"bold {REACHED}") if well else ("· ", MUTED)
    line = Text.assemble(sign, verdict(view.tally, view.muted, over=over, ahead=ahead))
    return line if over else line.append(still_to_step(view))


def still_to_step(view: View) -> str:
    """Which optimizers haven't stepped while others have, as a further sentence; empty where none is left."""
    if not view.unstepped:
        return ""
    return f" {_names(view.unstepped)} {'has' if len(view.unstepped) == 1 else 'have'} not stepped yet."


def waiting_apart(view: View) -> tuple[Optimizer, ...]:
    """Optimizers that haven't stepped yet, and that hold nothing which this backward reaches."""
    apart = view.grad_statuses.apart
    return tuple(
        item
        for item in view.unstepped
        if item.tensors.isdisjoint(view.reached) and not item.tensors.isdisjoint(apart)
    )


def all_missed(view: View) -> tuple[Optimizer, ...]:
    """The optimizers that there are, if a backward reaches nothing that any of them holds."""
    holding = tuple(item for item in view.optimizers if item.tensors)
    held = frozenset[int]().union(*(item.tensors for item in holding))
    return holding if held and held.isdisjoint(view.reached) and held & view.grad_statuses.apart else ()


def _held_by(optimizers: Sequence[Optimizer], apart: int, *, stepped: bool) -> tuple[str, str]:
    """Who holds what is no part of a loss: said of all of it, or of some; `stepped` where another has."""
    held = len(frozenset[int]().union(*(item.tensors for item in optimizers)))
    names, one = _names(optimizers), len(optimizers) == 1
    if held == apart:
        yet = f", and {'it has' if one else 'they have'} not stepped yet" if stepped else ""
        return f" that {names} {'holds' if one else 'hold'}", yet
    yet = f", which {'has' if one else 'have'} not stepped yet" if stepped else ""
    return "", f", {held:,} of them held by {names}{yet}"


def _names(optimizers: Sequence[Optimizer]) -> str:
    return listed([item.name or item.kind for item in optimizers]).replace("`", "")


PASSED = "It will run on past its first backward, unless something is wrong there."


def held_soon(status: Status, *, brief: bool = False) -> str:
    """Where a program that runs will be held, and where a key holds it before that."""
    wanted = status.stop_at
    first = f"backward {wanted}" if wanted.isdigit() else f"the backward at {wanted}"
    held, pause = ("Held", "{pause}:") if brief else ("It will be held", "{pause} holds it")
    words = f"{held} before {first if wanted else 'its first backward'}"
    return f"{words}." if status.pausing else f"{words}; {pause} {status.to_pause}."


def nothing_found(view: View) -> str:
    """What is said of a program that has ended, and how far it was looked at."""
    if not view.judged:
        return "What is wrong hasn't been looked for."
    if view.latest.stop.kind is StopKind.END:
        return "Nothing was found that is wrong, to the program's end."
    return f"Nothing was found that is wrong up to {as_of(view.latest)}; nothing is known of later."


def prose(text: str) -> Text:
    """A sentence in which what stands in backticks is set off, without the backticks."""
    found = Text()
    for number, part in enumerate(re.split(r"`([^`]+)`", text)):
        found.append(part, "bold" if number % 2 else "")
    return found
