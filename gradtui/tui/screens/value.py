"""The value of one tensor, page by page, as torch prints it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from textwrap import wrap
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from gradtui.model.messages import Answer, Show
from gradtui.tui.palette import CUT, MUTED
from gradtui.tui.screens.requests import RequestScreen, ToProgram
from gradtui.tui.subject import Subject
from gradtui.tui.widgets.rows import Rows

SOON = 0.3
"""Seconds after which it is shown that the program is asked."""
FRAME = 5
"""Cells beside a line of values: the border, the cursor and a scroll bar."""
LEAST = 20
"""Cells that a line of a sentence has at the least."""
BROKEN = re.compile(r"(?<![A-Za-z_])-?(?:nan|inf)(?![A-Za-z_])")


class Page(Rows):
    """The lines of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = "Asking the program…"
        """Said instead of values, in as many lines as it takes."""
        self.style, self.values, self.figures = MUTED, list[Text](), tuple[Text, ...]()
        self.lines = self._laid_out()

    @property
    def count(self) -> int:
        return len(self.lines)

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002 - lines are cut off on the right
        return self.lines[index].copy()

    def on_resize(self) -> None:
        self.lines = self._laid_out()
        super().on_resize()

    def fill(self, text: str) -> None:
        """Show values, whose columns stay as torch has printed them."""
        self.values = [coloured(line) for line in text.splitlines()] or [Text("empty", MUTED)]
        self.sentence, self.figures = "", ()
        self._from_the_top()

    def say(self, sentence: str, style: str, figures: Sequence[Text] = ()) -> None:
        """Show why there are none, and what else is known."""
        self.values, self.sentence, self.style, self.figures = [], sentence, style, tuple(figures)
        self._from_the_top()

    def _from_the_top(self) -> None:
        self.lines = self._laid_out()
        self.set_reactive(Page.cursor, 0)
        self.scroll_to(y=0, animate=False)
        self.renew()

    def _laid_out(self) -> list[Text]:
        width = max(LEAST, self.inner.width - 2)
        said = [Text(part, self.style) for line in self.sentence.splitlines() for part in wrap(line, width)]
        seen = [Text(), Text("Of its gradients was seen, as backward passed:"), *self.figures]
        return [*said, *self.values, *(seen if self.figures else ())]


def coloured(line: str) -> Text:
    """A line of values, what isn't finite set off."""
    text = Text(line.expandtabs(4))
    text.highlight_regex(BROKEN, f"bold reverse {CUT}")
    return text


class ValueScreen(RequestScreen):
    """Shows a tensor from its beginning; space and b turn pages, tab goes on to its `.grad` and the like."""

    CSS = """
    ValueScreen { align: center middle; background: transparent; }
    ValueScreen Page { border: round ansi_cyan; border-title-color: ansi_cyan; width: 100%; height: 100%;
        border-subtitle-color: ansi_default; }
    """

    OPENED_BY = "value"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,f", "turn(1)", "Next page"),
        Binding("b", "turn(-1)", "Page before"),
        Binding("tab", "other(1)", "The next of value, gradient and .grad"),
        Binding("shift+tab", "other(-1)", "The one before", show=False),
        Binding("escape,q,v", "dismiss(None)", "Back"),
    ]

    def __init__(self, subjects: list[Subject], instead: str = "") -> None:
        super().__init__()
        self.subjects, self.chosen = subjects, 0
        self.instead = instead
        """What can be had where none of them is there any more, in one sentence."""
        self.page = Page()
        self.page.visible = False  # until something is known to be there
        self.last: Answer | None = None
        self.asked_for = 0
        """How wide the lines are that were asked for last."""
        self.seen = False
        """Whether something was shown."""
        self.before: list[int] = []
        """Where the pages began that were turned over."""

    def compose(self) -> ComposeResult:
        yield self.page

    def on_mount(self) -> None:
        self.ask(0)
        self.set_timer(SOON, self._show)

    def _show(self) -> None:
        if not self.page.visible:
            self.page.visible = True
            self.set_focus(self.page)  # which nothing can have that isn't seen

    @property
    def subject(self) -> Subject:
        return self.subjects[self.chosen]

    def ask(self, offset: int) -> None:
        what = self.subject
        self.page.border_title = what.title
        self.page.border_subtitle = self._keys()
        self.asked_for = self._width()
        show = Show(self.number(), what.tensor, what.node, what.slot, offset, what.grad, self.asked_for)
        self.post_message(ToProgram(show))

    def _width(self) -> int:
        """Cells of a line; the page itself isn't laid out when it is filled first."""
        return max(LEAST, self.app.size.width - FRAME)

    def answer(self, answer: Answer) -> None:
        if answer.error and self._gone(answer.text):
            return
        self._show()
        self.last, self.seen = answer, True
        if answer.error:
            self.page.say(answer.text, CUT, self.subject.figures)
        else:
            self.page.fill(answer.text)
        self.page.border_subtitle = f"{self._where(answer)}{self._keys()}"

    def _gone(self, why: str) -> bool:
        """Where nothing was shown yet, go on to what may be there, or leave and let the last line say why."""
        if self.seen or self.subject.figures or self.main is None:
            return False
        if self.chosen + 1 < len(self.subjects):
            self.chosen += 1
            self.ask(0)
            return True
        said = f"{why} {self.instead}".strip()
        room = self.app.size.width - 2
        line = said if len(said) <= room else why
        if len(line) > room or "\n" in line:
            return False
        self.dismiss(None)
        self.main.say(line)
        return True

    def _where(self, answer: Answer) -> str:
        if answer.error or not answer.total:
            return ""
        end = answer.offset + answer.shown
        if not answer.offset and end >= answer.total:
            return f"all {answer.total:,} elements   " if answer.total > 1 else ""
        return f"elements {answer.offset:,} to {end - 1:,} of {answer.total:,}   "

    def _keys(self) -> str:
        more = self.last is not None and self.last.shown < self.last.total
        turn = "space b: pages  " if more else ""
        others = f"tab: {self.subjects[(self.chosen + 1) % len(self.subjects)].title}  "
        return f"{turn}{others if len(self.subjects) > 1 else ''}{self.names['back']}: back"

    def on_resize(self) -> None:
        """Print what is shown anew, unless it is being asked for."""
        last = self.last
        if last is not None and not last.error and not self.request and self._width() != self.asked_for:
            self.ask(last.offset)

    def action_turn(self, step: int) -> None:
        last = self.last
        if last is None or last.error or self.request:
            return
        if step < 0:
            if self.before:
                self.ask(self.before.pop())
        elif last.offset + last.shown < last.total and last.shown:
            self.before.append(last.offset)
            self.ask(last.offset + last.shown)

    def action_other(self, step: int) -> None:
        if len(self.subjects) > 1:
            self.chosen = (self.chosen + step) % len(self.subjects)
            self.before.clear()
            self.last = None
            self.ask(0)
