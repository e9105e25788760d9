"""The report as text: the line first, then why, whom it costs and what to do about it.

Drawn with rich, so a terminal gets colours and anything else plain text; no line is wider than the console.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.text import Text

from gradtui.model.findings import Confidence, Finding, Severity
from gradtui.model.stops import StopKind
from gradtui.report.excerpt import Marks, Span, excerpt
from gradtui.report.headline import beginning, counted
from gradtui.report.names import grouped, seen
from gradtui.report.summary import Summary
from gradtui.report.tally import is_well, left_out, verdict

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow", Severity.NOTE: "cyan"}
LABEL = 12
"""Cells for the words on the left; a narrow console has them on a line of their own."""
NARROW = 60
MOVING = (
    *range(9),
    *range(11, 32),
    *range(127, 160),
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    *range(0x2066, 0x206A),
)
"""Characters that move a terminal's cursor, speak to it, or turn its text round."""
HARMLESS = dict.fromkeys(MOVING, "?")
"""What an exception says, or a name, comes from the program."""
WIDEST = 110
"""Cells of a line of prose: in a longer one the eye loses its way back. Source may take all there is."""


@dataclass(frozen=True, slots=True)
class Signs:
    """Every character of a report that isn't ASCII, so that there is a set of them which is."""

    severity: dict[Severity, str]
    dot: str
    good: str
    excerpt: Marks


FULL = Signs(
    severity={Severity.ERROR: "✗", Severity.WARNING: "▲", Severity.NOTE: "·"},
    dot="·",
    good="✓",
    excerpt=Marks(pointer="▶", bar="│", ellipsis="…"),
)
ASCII = Signs(
    severity={Severity.ERROR: "x", Severity.WARNING: "!", Severity.NOTE: "-"},
    dot="-",
    good="=",
    excerpt=Marks(pointer=">", bar="|", ellipsis="..."),
)


def print_report(
    summary: Summary, console: Console, *, quiet: bool = False, ascii_only: bool = False
) -> None:
    """Write the whole report; `quiet` only counts the notes. A console without UTF-8 gets ASCII anyway."""
    for line in _Page(summary, console, ascii_only=ascii_only).lines(quiet=quiet):
        line.plain = line.plain.translate(HARMLESS)
        console.print(line, soft_wrap=True)


class _Page:
    """A summary on a console of some width and some set of characters."""

    def __init__(self, summary: Summary, console: Console, *, ascii_only: bool = False) -> None:
        self.summary = summary
        self.console = console
        self.width = max(20, console.width)
        self.widest = min(self.width, WIDEST)
        self.signs = ASCII if ascii_only or console.options.ascii_only else FULL

    def lines(self, *, quiet: bool) -> Iterator[Text]:
        yield from self.head()
        yield Text()
        for finding in self.summary.loud:
            yield from self.finding(finding)
            yield Text()
        yield from self.notes(quiet=quiet)
        for unseen in self.summary.unseen:
            yield from self.wrapped(Text(unseen.told, "dim"), first="not seen: ")
        yield from self.wrapped(self.closing())

    def head(self) -> Iterator[Text]:
        summary, tally = self.summary, self.summary.tally
        facts = [f"torch {summary.torch}"] if summary.torch else []
        if tally.steps:
            several = f" of {tally.optimizers} optimizers" if tally.optimizers > 1 else ""
            facts.append(f"{counted(tally.steps, 'step')}{several} judged")
        if tally.judged:
            broken = f", {tally.broken} by NaN" if tally.broken else ""
            facts.append(f"{tally.reached} of {counted(tally.parameters, 'parameter')} reached{broken}")
        line = Text.assemble(("gradtui", "bold"), "  ", (summary.script, "bold"))
        for fact in facts:
            line.append(f" {self.signs.dot} {fact}")
        yield from self.wrapped(line)

    def finding(self, finding: Finding) -> Iterator[Text]:
        style = STYLES[finding.severity]
        yield from self.wrapped(self.title(finding))
        source = self.summary.sources.get(finding.file, "")
        span = Span(finding.line, finding.column, finding.end_line, finding.end_column)
        for row in excerpt(source, span, self.width - 2, self.signs.excerpt, style):
            yield Text("  ") + row
        yield from self.wrapped(self.prose(finding.message), first="  ")
        yield from self.way(finding)
        if finding.affected:
            yield from self.labelled("affected", Text(", ".join(grouped(finding.affected))))
        yield from self.labelled("seen", Text(seen(finding, stepped=self.summary.tally.steps > 0)))
        yield from self.labelled("fix", self.prose(finding.fix), "bold green")

    def title(self, finding: Finding) -> Text:
        likely = " (likely)" if finding.confidence is Confidence.LIKELY else ""
        return Text.assemble(
            (f"{self.signs.severity[finding.severity]} {finding.severity}", STYLES[finding.severity]),
            f"  {finding.rule}{likely}  ",
            (self.place(finding.file, finding.line), "bold"),
        )

    def way(self, finding: Finding) -> Iterator[Text]:
        """The proof, step by step, from the loss back to the cut."""
        if not finding.evidence:
            return
        yield Text("  why", "bold")
        places = [self.place(step.file, step.line) for step in finding.evidence]
        column = min(max(map(len, places)), self.width // 3)
        for place, step in zip(places, finding.evidence, strict=True):
            what = self.prose(step.what)
            if self.width < NARROW:
                yield from self.wrapped(Text.assemble((place, "dim"), "  ", what), first="    ")
            elif len(place) > column:
                yield Text(f"    {place}")
                yield from self.wrapped(what, first=" " * (column + 6), hang=column + 6)
            else:
                yield from self.wrapped(what, first=f"    {place:<{column}}  ", hang=column + 6)

    def labelled(self, label: str, body: Text, style: str = "bold") -> Iterator[Text]:
        if self.width < NARROW:
            yield Text(f"  {label}", style)
            yield from self.wrapped(body, first="    ")
        else:
            yield from self.wrapped(body, first=f"  {label:<{LABEL - 2}}", hang=LABEL, style=style)

    def notes(self, *, quiet: bool) -> Iterator[Text]:
        notes = self.summary.notes
        if not notes:
            return
        if quiet:
            yield Text(f"{counted(len(notes), 'note')} not shown (-q)", "dim")
        else:
            for note in notes:
                yield from self.wrapped(
                    Text.assemble(self.title(note), "  ", self.prose(note.message)), hang=2
                )
        yield Text()

    def closing(self) -> Text:
        """One sentence: what was found, or what was judged and is well."""
        summary = self.summary
        if summary.errors or summary.warnings:
            said = Text(f"{beginning(summary.loud, summary.folder)}{left_out(summary.muted)}", "bold")
            if summary.outcome.cut_short:
                said.append(" The script was ended early; --steps 0 runs it to its end.", "not bold")
            return said
        if summary.died:
            return Text(self.death(), "bold yellow")
        if not summary.tally.judged:
            return Text(self.nothing_judged(), "bold yellow")
        well = is_well(summary.tally, summary.muted)
        good = (f"{self.signs.good} ", "bold green") if well else ("", "")
        said = Text.assemble(good, verdict(summary.tally, summary.muted))
        if summary.outcome.cut_short:
            said.append(" The script was ended there; --steps 0 runs it to its end.")
        return said

    def death(self) -> str:
        """How the program ended where no finding says so."""
        summary = self.summary
        judged = summary.tally.judged
        when = "; what was judged until then is well" if judged else " before any gradient was judged"
        if summary.fault is None:
            return (
                summary.outcome.complaint or f"The program ended with status {summary.outcome.status}{when}."
            )
        fault = summary.fault
        place = f" at {self.place(fault.file, fault.line)}" if fault.file else ""
        if fault.type == KeyboardInterrupt.__name__:
            return f"The program was interrupted{place}{when}."
        return f"The program raised {fault.type}{place}{when}{'.' if judged else '; no finding explains it.'}"

    def nothing_judged(self) -> str:
        if self.summary.outcome.complaint:
            return self.summary.outcome.complaint
        if not self.summary.torch:
            return "The program never imported torch, so there was nothing to judge."
        if not self.summary.stops:
            return "The program never called backward, so there was nothing to judge."
        if all(placed.stop.kind is StopKind.GRAD for placed in self.summary.stops):
            return (
                "The program took gradients by `torch.autograd.grad` or `torch.func` alone, which fill no "
                "`.grad`, so there was nothing to judge."
            )
        return "No parameter that could learn was seen, so there was nothing to judge."

    def place(self, file: str, line: int) -> str:
        return f"{self.summary.shown(file)}:{line}"

    def prose(self, text: str) -> Text:
        """A sentence with what stands in backticks set off."""
        prose = Text(text if self.signs is FULL else text.replace("…", "..."))
        prose.highlight_regex(re.compile(r"`[^`]+`"), "bold")
        return prose

    def wrapped(
        self, text: Text, *, first: str = "", hang: int | None = None, style: str = ""
    ) -> Iterable[Text]:
        """The text in lines of the console's width, or of what can be read: `first` before the first, blanks
        before the others."""
        indent = len(first) if hang is None else hang
        lines = text.wrap(self.console, max(8, self.widest - indent))
        for number, line in enumerate(lines):
            line.rstrip()
            yield Text.assemble((first if number == 0 else " " * indent, style), line)
