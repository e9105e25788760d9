"""The top of the screen: what runs, where it stands, and the one sentence that matters."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from gradtui.model.findings import Confidence, Finding
from gradtui.model.stops import BACKWARDS, StopKind
from gradtui.report.places import relative
from gradtui.tui.fates import Fate, Fates
from gradtui.tui.keymap import KeyNames
from gradtui.tui.moment import held_because, never_held, slider, standing
from gradtui.tui.palette import ACCENT, CUT, GOOD, MUTED, REACHED, SIGNS, STYLES, WARNING
from gradtui.tui.passage import Passage
from gradtui.tui.status import Status
from gradtui.tui.view import View, as_of, named, stopped_where

NARROW, HIGH = 100, 24
"""Columns below which, and lines from which on, a sentence may have a third line."""
SPINNER = "◐◓◑◒"
WAITING = {
    "capturing": "{pause} leaves the rest of the graph unread.",
    "telling": "{pause} reads no more than the last calls: few nodes get a line, nothing is found.",
    "diagnosing": "{pause} shows the graph already, without findings.",
    "arranging": "{pause} shows its first rows already.",
    "counting": "{pause} shows its first rows already.",
}
"""By phase what can be done about it."""


class Header(Widget):
    """One line: script, state, place, and on the right how much of the graph is whole."""

    DEFAULT_CSS = "Header { height: 1; background: ansi_default; color: ansi_default; }"

    view: reactive[View | None] = reactive(None)
    status: reactive[Status] = reactive(Status())
    armed: reactive[int] = reactive(0)
    """How many breaks are set and switched on."""
    changed: reactive[str] = reactive("")
    """What can be done about files that were edited after they ran; empty where none was."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.passage = Passage()

    def render(self) -> Text:
        width = self.size.width
        name = self.status.script.rsplit("/", 1)[-1]
        for left in (self.left(self.status.script), self.left(name), self.left(name, short=True)):
            # What was told goes before how many nodes there are.
            right = self.right(width - left.cell_len - 4 - self.told()[1].cell_len)
            if right:
                break
        gap = width - left.cell_len - right.cell_len - 1
        told = _fitting(self.told(), gap - 4)
        if told:
            left.append("  ").append_text(told)
            gap -= 2 + told.cell_len
        line = Text.assemble(left, " " * max(1, gap), right)
        line.truncate(width, overflow="ellipsis")
        return line

    def left(self, script: str, *, short: bool = False) -> Text:
        """What runs and where it stands; the short form leaves out what the script's name says already."""
        status, view = self.status, self.view
        line = Text.assemble((" gradtui ", f"bold {ACCENT}"), (f" {script} ", "bold"))
        if status.held and view is not None and self.passage.begun and view.snapshot.raised is None:
            line.append(" ").append_text(standing(view, self.passage, short=short))
        elif status.held and view is not None:
            site = view.site
            kind = view.snapshot.stop.kind
            where = stopped_where(view.snapshot)
            where = where.removeprefix("stopped ") if short else where
            line.append(f" {where}", CUT if kind is StopKind.EXCEPTION else "")
            if site is not None and site.line:
                same = short and site.file.rsplit("/", 1)[-1] == script
                line.append(" at ", MUTED).append(f"line {site.line}" if same else site.place, "bold")
        elif view is not None or not status.running:
            line.append(f" {status.sentence}", WARNING if status.failed else "")
            if view is not None and not status.running and len(view.rows) and not view.ended:
                line.append(f", {'as of' if short else 'the tree is of'} ", MUTED).append(
                    as_of(view.snapshot)
                )
        return line

    def told(self) -> list[Text]:
        """What is easily forgotten: that files were edited, and that breaks are set; the longest first."""
        edited, few = Text(self.changed, WARNING), Text(self.changed.partition(":")[0], WARNING)
        noun = "break" if self.armed == 1 else "breaks"
        armed = Text(f"● {self.armed:,} {noun}" if self.armed else "", CUT)
        both = [Text("  ").join(filter(None, parts)) for parts in ((edited, armed), (few, armed))]
        return [*both, edited, few, armed, Text(f"● {self.armed:,}" if self.armed else "", CUT)]

    def right(self, room: int) -> Text:
        """The counts, as many as there is room for."""
        if not self.status.held or self.view is None:
            return _fitting([self.status.figures], room)
        stop = self.view.snapshot.stop
        nodes = Text(f"{stop.nodes:,} {'node' if stop.nodes == 1 else 'nodes'}", MUTED)
        if not self.view.about_backward:
            return _fitting([self.status.figures], room)
        if not stop.total:
            return _fitting([nodes if stop.nodes else self.status.figures], room)
        count, total = self.view.fates.count, len(self.view.fates.learners)
        cut, frozen, apart = count[Fate.CUT], count[Fate.FROZEN], count[Fate.APART]
        counts, short = reached(self.view.fates), Text()
        if cut:
            counts.append("  ").append(f"✗ {cut:,} cut off", f"bold {CUT}")
            short = Text(f"✗ {cut:,} of {total - frozen - apart:,} cut off", f"bold {CUT}")
        brief = counts.copy()
        if frozen:
            counts.append("  ").append(f"{frozen:,} frozen", MUTED)
        if apart:
            counts.append("  ").append(f"{apart:,} not part of this loss", MUTED)
        noun = "parameter" if total == 1 else "parameters"
        whole = Text.assemble(nodes, "   ", (f"{total:,} {noun}  ", MUTED), counts)
        return _fitting([whole, Text.assemble(nodes, "   ", counts), counts, brief, short], room)


def reached(fates: Fates) -> Text:
    """How many gradients this backward brings, or brought before it raised."""
    if fates.raises:
        return Text("✗ backward raises", f"bold {CUT}")
    count = fates.count
    if fates.raised:
        return Text(f"✗ raised, {count[Fate.REACHED]:,} of {_needy(count):,} reached", f"bold {CUT}")
    return Text(f"{GOOD} {count[Fate.REACHED]:,} reached", REACHED)


def _needy(count: Counter[Fate]) -> int:
    """How many could have been brought a gradient."""
    return count.total() - count[Fate.FROZEN] - count[Fate.APART]


def _fitting(texts: list[Text], room: int) -> Text:
    return next((text for text in texts if text.cell_len <= room), Text())


class Headline(Widget):
    """One sentence: what is wrong, where, and whom it costs; or that all is well."""

    DEFAULT_CSS = "Headline { height: 2; background: ansi_default; color: ansi_default; padding: 0 1; }"

    view: reactive[View | None] = reactive(None)
    number: reactive[int] = reactive(0)
    """Which of the findings it speaks of."""

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
        if self.sentence().cell_len <= width - 2:
            return 1
        most = 3 if width < NARROW and self.app.size.height >= HIGH else 2
        return min(most, len(self.sentence().wrap(self.app.console, max(8, width - 2))))

    @property
    def finding(self) -> Finding | None:
        findings = self.view.findings if self.view is not None else ()
        return findings[self.number] if self.number < len(findings) else None

    def render(self) -> Text:
        width, height = self.size.width, self.size.height
        if self.view is None:
            return self.waiting()
        if self.passage.past:
            return slider(self.passage, width, self.names)
        text = self.sentence()
        lines = list(text.wrap(self.app.console, max(8, width)))
        if len(lines) > height:
            kept = lines[height - 1].plain.rstrip()
            lines = lines[:height]
            while cell_len(kept) > width - 1:
                kept = kept[:-1]
            lines[-1].truncate(max(1, cell_len(kept)))
            lines[-1].rstrip()
            lines[-1].append("…", MUTED)
        return Text("\n").join(lines)

    def waiting(self) -> Text:
        """What the program does, and what to wait for."""
        status = self.status
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
        words = WAITING.get(status.phase) or held_soon(status)
        return line.append(f"\n{words.format_map(self.names)}", MUTED)

    def asked(self) -> Text:
        """That the program waits for somebody, and what it asks."""
        line = Text.assemble(("? ", f"bold {WARNING}"), f"The program {self.status.waits}")
        if self.status.prompt:
            line.append(": ").append(self.status.prompt, "bold")
        return line

    def sentence(self) -> Text:
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
            return self.without_findings(view)
        folder = view.snapshot.folder
        line = Text.assemble(
            (f"{SIGNS[finding.severity]} ", f"bold {STYLES[finding.severity]}"),
            (f"{relative(finding.file, folder)}:{finding.line}", f"bold {STYLES[finding.severity]}"),
            "  ",
        )
        if finding.confidence is Confidence.LIKELY:
            line.append("likely: ", WARNING)
        line.append_text(prose(finding.message))
        return line

    def without_findings(self, view: View) -> Text:
        stop, raised = view.snapshot.stop, view.snapshot.raised
        if raised is not None:
            message = raised.message.strip().splitlines()
            line = Text(f"✗ {raised.type}{':' if message else ''}", f"bold {CUT}")
            return line.append(f" {message[0]}", "none") if message else line
        if not self.status.running and not view.ended:
            return Text.assemble(("· ", MUTED), f"{nothing_found(view)} The tree is of {named(stop)}.")
        count = view.fates.count
        total, frozen, apart = count[Fate.REACHED], count[Fate.FROZEN], count[Fate.APART]
        if stop.kind in BACKWARDS and total and not count[Fate.CUT]:
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
            line = Text.assemble((f"{GOOD} ", f"bold {REACHED}"), will)
            for number, how in ((frozen, "frozen"), (apart, "not part of it")):
                if number:
                    line.append(f"; {number:,} {'is' if number == 1 else 'are'} {how}", "none")
            return line.append(".", "none")
        if view.left_unread:
            words = "This graph was left unread: {continue} goes on to the next stop."
            return Text.assemble(("‖ ", f"bold {ACCENT}"), words.format_map(self.names))
        if view.ended:
            outcome, words = self.status.outcome, never_held(view, self.status.stop_at)
            if outcome is not None and outcome.status:
                words = words.replace("The script ended", f"The script ended with status {outcome.status}")
            return Text.assemble(("· ", MUTED), words)
        return Text.assemble(("· ", MUTED), "Nothing was found that is wrong.")


def held_soon(status: Status) -> str:
    """Where a program that runs will be held, and where a key holds it before that."""
    wanted = status.stop_at
    first = f"backward {wanted}" if wanted.isdigit() else f"the backward at {wanted}"
    words = f"It will be held before {first if wanted else 'its first backward'}"
    return f"{words}." if status.pausing else f"{words}; {{pause}} holds it {status.to_pause}."


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
