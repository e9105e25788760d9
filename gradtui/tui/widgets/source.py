"""The user's file with the expression that the cursor is about, and in its margin what each line made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from rich.text import Text
from textual.reactive import reactive

from gradtui.diagnosis.margin import Made
from gradtui.model.source import Site, lines_of
from gradtui.tui.empty import without_line
from gradtui.tui.palette import CUT, LIT, LIT_COLOURLESS, MUTED, NODE, SCISSORS, SEVERED, WARNING
from gradtui.tui.view import View
from gradtui.tui.widgets.rows import Rows

TAB = 4
TALLEST = 100
"""Lines of an expression that are looked at for how far it reaches to the right."""
LONGEST = 20_000
"""Lines of a file beyond which it stays without colours: colouring it would take longer than reading it."""


class Span(NamedTuple):
    """What of a line an expression covers, in cells."""

    begin: int
    end: int
    indentation: int
    length: int


class Source(Rows):
    """One file, one expression of it lit."""

    MARKED = True

    view: reactive[View | None] = reactive(None, init=False)
    site: reactive[Site | None] = reactive(None, init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.path = ""
        self.frame = 0
        """Which of the user's frames of a call is shown, 0 for the innermost."""
        self.counted = 0
        """Cells of the margin for how many nodes a line made."""
        self.text: list[Text] = []
        self.breaks: frozenset[tuple[str, int]] = frozenset()
        """Files and lines at which backward is to be held."""
        self.made: Mapping[str, Mapping[int, Made]] = {}
        self._coloured: dict[str, list[Text]] = {}
        self._left_out_for: tuple[Site | None, str, int] = (None, "", 0)
        self._left_out_is = 0
        """Cells left out of its lines for the expression, and for which it is."""
        self.empty = without_line(None, "")

    @property
    def count(self) -> int:
        return len(self.text) or 1

    @property
    def usable(self) -> bool:
        return bool(self.text)

    def watch_view(self, view: View | None) -> None:
        self.made = view.made if view is not None else {}
        self._coloured.clear()
        self.path = ""
        if view is None:
            self.set_reactive(Source.site, None)
        self.watch_site(self.site)

    def watch_site(self, site: Site | None) -> None:
        path = site.file if site is not None and site.line else ""
        if path != self.path or not path:
            self.path = path
            self.text = self._lines(path)
            counts = {made.count for made in self.made.get(path, {}).values()} - {0, 1}
            self.counted = max((len(brief(count)) for count in counts), default=0)  # 1M is less than 2000
        self.frame = 0
        self.renew()
        if site is not None and site.line:
            self.set_reactive(Source.cursor, min(site.line, self.count) - 1)
            self._centre(site)
        self.refresh()

    def light(self, site: Site | None) -> None:
        """Light an expression of this file, and leave the cursor and what is seen where they are."""
        if site is not None and site.file == self.path:
            self.set_reactive(Source.site, site)
            self.refresh()

    def on_resize(self) -> None:
        super().on_resize()
        if self.site is not None:
            self.call_after_refresh(self._centre, self.site)

    def _centre(self, site: Site) -> None:
        """A third of the lines above the expression: what led to it matters more than what follows."""
        height = self.inner.height
        span = max(0, site.end_line - site.line)
        top = site.line - 1 - max(1, (height - span) // 3)
        self.scroll_to(y=max(0, min(top, self.count - height)), animate=False)

    def _lines(self, path: str) -> list[Text]:
        text = self.view.sources.get(path, "") if self.view is not None else ""
        self.empty = without_line(self.view, path)
        if not text:
            return []
        if path not in self._coloured:
            self._coloured[path] = coloured(text)
        return self._coloured[path]

    def line(self, index: int, width: int) -> Text:
        if not self.text:
            return Text(self.empty, MUTED)
        number = index + 1
        digits = len(str(len(self.text)))
        lit = self._lit(number)
        line = Text.assemble(self._mark(number), (f"{number:>{digits}} ", "bold" if lit else MUTED))
        code = self.text[index].copy()
        if lit:
            code.stylize(LIT_COLOURLESS if self.app.no_color else LIT, *lit)
            code = without_beginning(code, self._left_out(width - line.cell_len))
        code.truncate(width - line.cell_len, overflow="ellipsis")
        return line.append_text(code)

    def flagged(self, index: int) -> bool:
        return (self.path, index + 1) in self.breaks

    def _mark(self, number: int) -> Text:
        made = self.made.get(self.path, {}).get(number)
        if made is None:
            return Text(" " * (self.counted + 2))
        count = f"{brief(made.count) if made.count > 1 else '':>{self.counted}}"
        if made.cut:
            style = f"bold {CUT}" if made.blamed else WARNING
            return Text.assemble((count, MUTED), (f"{SCISSORS} ", style))
        if made.nodes:
            return Text.assemble((count, MUTED), (f"{NODE} ", MUTED))
        style = CUT if self.view is None or self.view.grave else MUTED
        return Text.assemble((count, style), (f"{SEVERED} ", style))

    def _lit(self, number: int) -> tuple[int, int] | None:
        """The characters of a line that the expression covers."""
        site = self.site
        if site is None or not site.line <= number <= max(site.line, site.end_line):
            return None
        raw = self._raw(number)
        start = site.column if number == site.line else len(raw) - len(raw.lstrip())
        end = site.end_column if number == site.end_line else len(raw.rstrip())
        if end <= start:
            start, end = len(raw) - len(raw.lstrip()), len(raw.rstrip())
        return len(raw[:start].expandtabs(TAB)), len(raw[:end].expandtabs(TAB))

    def _left_out(self, room: int) -> int:
        """Cells at the beginning of each lit line that aren't shown; all others begin as they do."""
        wanted = (self.site, self.path, room)
        if self._left_out_for != wanted:
            self._left_out_for = wanted
            self._left_out_is = out_of_sight(list(self._spans()), room)
        return self._left_out_is

    def _spans(self) -> Iterator[Span]:
        """What of each lit line the expression covers."""
        site = self.site
        if site is not None and site.line:
            last = min(max(site.line, site.end_line), site.line + TALLEST, len(self.text))
            for number in range(site.line, last + 1):
                code = self.text[number - 1].plain
                if (lit := self._lit(number)) is not None and lit[0] < lit[1]:
                    yield Span(*lit, len(code) - len(code.lstrip()), len(code))

    def _raw(self, number: int) -> str:
        assert self.view is not None
        return self.view.labels.words.line(self.path, number)

    def copied(self) -> str:
        return f"{self.path}:{self.cursor + 1}" if self.path else ""


def out_of_sight(spans: Sequence[Span], room: int) -> int:
    """How many cells of each of its lines are left out at the beginning so that an expression can be seen."""
    if not spans:
        return 0
    start = min(one.begin for one in spans)
    end = max(one.end + (one.end < one.length) for one in spans)  # a mark says that something follows
    if end <= room or start < 2:
        return 0
    if start <= room // 2 and end - start + 1 > room:
        return 0  # it doesn't fit anyway, and how a line begins tells more than how it ends
    wanted = min(end - room, start - 1)
    # The line can be read from its first word on as long as no more is left out than it is indented by.
    blanks = max(0, min(wanted, min(one.indentation for one in spans) - 1))
    return blanks if 2 * (room - start + blanks) >= min(end - start, room) else wanted


def without_beginning(code: Text, cells: int) -> Text:
    """A line without its first cells; a mark tells of them, as it begins further to the left than others."""
    return Text.assemble(("…", MUTED), code[cells + 1 :]) if cells and len(code) else code


def brief(count: int) -> str:
    """A count in at most four cells: `812`, `12k`, `3M`."""
    for size, letter in ((1_000_000, "M"), (10_000, "k")):
        if count >= size:
            return f"{count // (size if letter == 'M' else 1_000)}{letter}"
    return str(count)


def coloured(text: str) -> list[Text]:
    """The lines of a Python file, tabs expanded, in the terminal's own colours."""
    plain = [line.expandtabs(TAB) for line in lines_of(text)]
    if len(plain) > LONGEST:
        return [Text(line) for line in plain]
    # Only now: nothing of this is needed before the first source is shown.
    from pygments.token import Comment, Keyword, Name, Number, Operator, String, Token
    from rich.style import Style
    from rich.syntax import ANSISyntaxTheme, Syntax

    theme = ANSISyntaxTheme(
        {
            Token: Style(),
            Comment: Style(color=MUTED, italic=True),
            Keyword: Style(color="magenta"),
            Keyword.Constant: Style(color="cyan"),
            Operator.Word: Style(color="magenta"),
            Name.Builtin.Pseudo: Style(italic=True),
            Name.Function: Style(bold=True),
            Name.Class: Style(bold=True),
            Name.Decorator: Style(color="cyan"),
            String: Style(color="green"),
            String.Doc: Style(color=MUTED, italic=True),
            Number: Style(color="cyan"),
        }
    )
    highlighted = Syntax("", "python", theme=theme).highlight("\n".join(plain))
    lines = list(highlighted.split("\n", allow_blank=True))
    for line in lines:
        line.rstrip()
    return lines[: len(plain)]
