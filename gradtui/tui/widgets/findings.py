"""The findings, each in full: what, why, whom it costs, and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text
from textual.message import Message
from textual.reactive import reactive

from gradtui.model.findings import Confidence, Evidence, Finding
from gradtui.model.stops import BACKWARDS, Outcome, StopKind
from gradtui.report.headline import counted
from gradtui.report.names import grouped, seen
from gradtui.report.places import relative
from gradtui.report.tally import is_well, left_out
from gradtui.tui.keymap import KeyNames
from gradtui.tui.palette import CUT, GOOD, MUTED, REACHED, SIGNS, STYLES, WARNING
from gradtui.tui.view import View, named
from gradtui.tui.widgets.headline import nothing_found, prose, still_to_step
from gradtui.tui.widgets.rows import Rows

LABEL = 12
CONSOLE = Console(width=200)
"""By which text is wrapped."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line on the screen, and what enter goes to from it."""

    text: Text
    finding: Finding | None = None
    evidence: Evidence | None = None
    title: bool = False


class Findings(Rows):
    """Lines of findings; choosing one goes to the row, choosing a step of its proof to that step."""

    view: reactive[View | None] = reactive(None, init=False)
    before: reactive[str] = reactive("", init=False)
    """What the run before had found of which nothing can be said yet."""
    outcome: reactive[Outcome | None] = reactive(None, init=False)
    """How the program ended, None while it lives."""

    @dataclass
    class Wanted(Message):
        """The user wants to see the place of a finding, or of one step of its proof."""

        finding: Finding
        evidence: Evidence | None = None

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.lines: list[Line] = []
        self.names = KeyNames()

    @property
    def count(self) -> int:
        return len(self.lines)

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002 - lines are laid out beforehand
        return self.lines[index].text.copy()

    def watch_view(self, before: View | None, view: View | None) -> None:
        if before is not None and view is not None and before.rows is view.rows:
            self._keep_place()
            return
        self.set_reactive(Findings.cursor, 0)
        self.scroll_to(y=0, animate=False)
        self.lay_out()

    def watch_before(self) -> None:
        self._keep_place()

    def watch_outcome(self) -> None:
        self._keep_place()

    def on_resize(self) -> None:
        self.lay_out()

    def lay_out(self) -> None:
        view = self.view
        self.lines = list(self._lines(view, max(30, self.inner.width - 3))) if view is not None else []
        self.renew()

    def _keep_place(self) -> None:
        """Lay out anew, the cursor on the same line of the same finding."""
        kept = self.lines[self.cursor] if self.cursor < len(self.lines) else None
        self.lay_out()
        if kept in self.lines:
            self.cursor = self.lines.index(kept)

    def show(self, number: int) -> None:
        """Put the cursor on the title of a finding, and bring of the rest as much into sight as has room."""
        titles = [index for index, line in enumerate(self.lines) if line.title]
        if number >= len(titles):
            return
        self.cursor = titles[number]
        finding = self.lines[self.cursor].finding
        last = max(index for index, line in enumerate(self.lines) if line.finding is finding)
        lowest = last + 1 - self.inner.height
        if round(self.scroll_y) < lowest:
            self.scroll_to(y=min(self.cursor, lowest), animate=False)

    def action_choose(self) -> None:
        if not self.count:
            return
        line = self.lines[self.cursor]
        if line.finding is not None:
            self.post_message(self.Wanted(line.finding, line.evidence))

    def copied(self) -> str:
        finding = self.lines[self.cursor].finding if self.lines else None
        if finding is None:
            return ""
        place = f"{finding.file}:{finding.line}:{finding.column + 1}"
        return f"{place}: {finding.rule}: {finding.message} {finding.fix}"

    def _lines(self, view: View, width: int) -> Iterator[Line]:
        if not view.findings and not view.judged:
            yield Line(Text("What is wrong hasn't been looked for in this graph.", MUTED))
        stepped = any(optimizer.steps for optimizer in view.optimizers)
        if view.judged and not view.listed:
            yield from map(Line, self._nothing(view).wrap(CONSOLE, width))
        if self.before:
            words = f"{self.before}. Whether it is gone isn't known yet."
            yield from _wrapped(Text(words), "before", MUTED, width, None)
        for number, finding in enumerate(view.listed):
            if number:
                yield Line(Text())
            yield from self._finding(finding, view, width, stepped)
        if view.quiet and view.notes:
            yield Line(Text(f"{counted(view.notes, 'note')} not shown (-q)", MUTED))
        for unseen in view.snapshot.unseen:
            yield from _wrapped(Text(unseen.told), "not seen", MUTED, width, None)
        raised = view.snapshot.raised
        if raised is not None:
            yield Line(Text())
            for text in raised.traceback.rstrip().splitlines():
                yield from map(Line, folded(text.expandtabs(4), width))

    def _nothing(self, view: View) -> Text:
        """That nothing was found, and how far that was looked for."""
        ended = view.latest.stop.kind is StopKind.END
        if view.course.error and self.outcome is None:
            words = "Parameters marked as missed get no gradient from it."
            error = view.course.error.splitlines()[0]
            return Text.assemble(("✗ ", f"bold {CUT}"), f"This backward has raised {error}. {words}")
        if self.outcome is None and not ended:
            if view.unstepped or not is_well(view.tally, view.muted, over=False):
                return Text.assemble(("· ", MUTED), so_far(view).format_map(self.names))
            return Text.assemble((f"{GOOD} ", f"bold {REACHED}"), "Nothing was found that is wrong.")
        if not any(stop.kind in BACKWARDS for stop in view.latest.stops):
            words = "Nothing could be judged: the script never called backward."
            return Text.assemble(("· ", MUTED), words)
        sign = (f"{GOOD} ", f"bold {REACHED}") if ended else ("· ", MUTED)
        return Text.assemble(sign, nothing_found(view))

    def _finding(self, finding: Finding, view: View, width: int, stepped: bool) -> Iterator[Line]:
        folder, stop = view.snapshot.folder, view.another(finding)
        style = f"bold {STYLES[finding.severity]}"
        likely = " (likely)" if finding.confidence is Confidence.LIKELY else ""
        title = Text.assemble(
            (f"{SIGNS[finding.severity]} {finding.rule}", style),
            (likely, WARNING),
            "  ",
            (f"{relative(finding.file, folder)}:{finding.line}", "bold"),
        )
        if finding.count > 1 or stop is not None:
            title.append(f"  {seen(finding, stepped=stepped)}", MUTED)
        if stop is not None:
            title.append(f", not in this tree of {named(view.snapshot.stop)}", MUTED)
        yield Line(title, finding, title=True)
        yield from _wrapped(prose(finding.message), "", "", width, finding)
        yield from _wrapped(prose(finding.fix), "fix", f"bold {REACHED}", width, finding)
        for number, step in enumerate(finding.evidence):
            text = Text.assemble((f"{relative(step.file, folder)}:{step.line}  ", MUTED), prose(step.what))
            yield from _wrapped(text, "" if number else "why", "bold", width, finding, step)
        if finding.affected:
            names = Text(", ".join(grouped(finding.affected)))
            yield from _wrapped(names, "affected", "bold", width, finding)


def so_far(view: View) -> str:
    """What is said before that all is well can be: what it waits for; keys stand in braces."""
    tally = view.tally
    if tally.steps:
        got = f"{tally.reached} of {counted(tally.parameters, 'parameter')} got a gradient"
        steps = counted(tally.steps, "step")
        return f"Nothing is wrong so far: at {steps} judged {got}.{still_to_step(view)}{left_out(view.muted)}"
    if view.optimizers:
        return (
            "Nothing is wrong so far. Parameters that no optimizer updates show once one has stepped; "
            "{run-on} runs on to that."
        )
    return (
        "Nothing is wrong so far: it is judged when an optimizer steps, or at the program's end "
        "({run-on} runs on to that)."
    )


def folded(text: str, width: int) -> list[Text]:
    """A line of a traceback in as many as it takes: what it says ends where one reads it to the end. Marks
    under the code, of which there is nothing to read, only go as far as there is room."""
    if not text.strip(" ~^"):
        return [Text(text[:width], MUTED)]
    indent = " " * min(len(text) - len(text.lstrip()), width // 2)
    parts = Text(text.strip(), MUTED).wrap(CONSOLE, max(10, width - len(indent)))
    lines = [Text.assemble(indent, part) for part in parts]
    for line in lines:
        line.rstrip()
    return lines


def _wrapped(
    text: Text,
    label: str,
    style: str,
    width: int,
    finding: Finding | None,
    evidence: Evidence | None = None,
) -> Iterator[Line]:
    """The text in lines, its label before the first of them."""
    indent = LABEL
    for number, part in enumerate(text.wrap(CONSOLE, max(10, width - indent))):
        part.rstrip()
        head = label if not number else ""
        yield Line(Text.assemble((f"  {head:<{indent - 2}}", style), part), finding, evidence)
