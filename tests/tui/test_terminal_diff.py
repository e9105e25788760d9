"""What is sent to the terminal is little, and the terminal shows what it would if everything were sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyte.screens import Char
from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.screen import Screen

from gradtui.model.messages import Stopped
from gradtui.tui.app import GradApp
from gradtui.tui.terminal_diff import Shown, TerminalDiff, cells
from tests.tui.feeds import Engine
from tests.tui.programs import transformer
from tests.tui.showing import showing, shown

CURSOR_MOVE = 4096
"""Bytes that a move of the cursor may cost at 120x40, also where the tree scrolls."""
WIDTH, HEIGHT = 14, 3
CONSOLE = Console(color_system="truecolor", force_terminal=True, width=WIDTH)
STYLES = [
    Style(),
    Style.parse("red"),
    Style.parse("bold red"),
    Style.parse("bold"),
    Style.parse("underline"),
    Style.parse("white on blue"),
    Style.parse("reverse"),
    Style.parse("#102030 on bright_black"),
]
SIGNS = ["a", "b", " ", "   ", "─", "é", "あ", "한", "e\u0301", "\U0001f642"]
segments = st.tuples(st.sampled_from(SIGNS), st.sampled_from(STYLES)).map(lambda drawn: Segment(*drawn))
lines = st.lists(segments, max_size=WIDTH)


def blank(columns: int, rows: int) -> pyte.Screen:
    """A terminal that doesn't wrap lines, as the application wants it."""
    terminal = pyte.Screen(columns, rows)
    terminal.reset_mode(7, private=True)
    return terminal


def seen(screen: pyte.Screen) -> list[list[Char]]:
    """The cells of a terminal; of blanks only what is seen of them."""
    return [[_seen(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def _seen(cell: Char) -> Char:
    marked = cell.underscore or cell.reverse or cell.strikethrough
    return cell if cell.data.strip() or marked else Char(" ", bg=cell.bg)


def whole(segments: Sequence[Segment]) -> list[Segment]:
    return Segment.adjust_line_length(list(segments), WIDTH)


def in_full(screen: Sequence[Sequence[Segment]]) -> pyte.Screen:
    terminal = blank(WIDTH, HEIGHT)
    for y, line in enumerate(screen, 1):
        sent = "".join((item.style or Style()).render(item.text) for item in line)
        pyte.Stream(terminal).feed(f"\x1b[{y}H{sent}")
    return terminal


@given(st.lists(st.lists(lines, min_size=HEIGHT, max_size=HEIGHT), min_size=2, max_size=4))
def test_a_terminal_that_is_sent_differences_shows_what_one_does_that_is_sent_everything(
    screens: list[list[list[Segment]]],
) -> None:
    terminal, known = blank(WIDTH, HEIGHT), Shown()
    stream = pyte.Stream(terminal)
    known.sized(WIDTH, HEIGHT)
    for screen in screens:
        drawn = [whole(line) for line in screen]
        stream.feed(
            known.turn({y: [(0, cells(line, ColorSystem.TRUECOLOR))] for y, line in enumerate(drawn)})
        )

        assert seen(terminal) == seen(in_full(drawn))


def turned(known: Shown, text: str, style: str = "") -> str:
    return known.turn({0: [(0, cells(whole([Segment(text, Style.parse(style))]), ColorSystem.STANDARD))]})


def test_only_what_differs_is_sent_and_nothing_where_nothing_does() -> None:
    known = Shown()
    known.sized(WIDTH, 1)

    assert turned(known, "loss 0.12", "red") == "\x1b[1H\x1b[31mloss 0.12\x1b[K\x1b[m"
    assert turned(known, "loss 0.12", "red") == ""
    assert turned(known, "loss 0.13", "red") == "\x1b[1;9H\x1b[31m3\x1b[m"
    assert turned(known, "loss", "red") == "\x1b[1;5H\x1b[K"


def test_after_somebody_else_wrote_to_the_terminal_everything_is_sent() -> None:
    known = Shown()
    known.sized(WIDTH, 1)
    first = turned(known, "loss")
    known.forget()
    known.sized(WIDTH, 1)

    assert turned(known, "loss") == first


def test_what_follows_a_sign_of_disputed_width_is_put_where_it_belongs() -> None:
    terminal, known = blank(WIDTH, 1), Shown()
    known.sized(WIDTH, 1)
    family = "\U0001f469\u200d\U0001f467"  # two cells, or four, as the terminal likes
    pyte.Stream(terminal).feed(turned(known, f"a{family}b") + turned(known, f"a{family}c"))

    assert terminal.display[0].rstrip().endswith("c")
    assert terminal.buffer[0][3].data == "c"


class Line:
    """A terminal at the end of the line: the application's updates, sent as they are sent to a real one."""

    def __init__(self, app: GradApp, monkeypatch: pytest.MonkeyPatch) -> None:
        self.app = app
        self.sent = ""
        self.terminal = blank(*app.size)
        self.stream = pyte.Stream(self.terminal)
        monkeypatch.setattr(app, "_display", self._display)
        app.action_draw_anew()

    def _display(self, screen: Screen[object], update: RenderableType | None) -> None:
        if isinstance(update, (LayoutUpdate, ChopsUpdate)):
            sent = TerminalDiff(update, self.app.shown).render_segments(self.app.console)
            self.sent += sent
            self.stream.feed(sent)

    def taken(self) -> int:
        """Bytes that were sent since the last time."""
        size, self.sent = len(self.sent.encode()), ""
        return size

    def in_full(self) -> pyte.Screen:
        """A terminal that is sent the whole screen as it is now."""
        compositor = self.app.screen._compositor
        terminal = blank(*self.app.size)
        strips = [[strip] for strip in compositor.render_strips()]
        sent = LayoutUpdate(strips, compositor.size.region).render_segments(self.app.console)  # type: ignore[arg-type]
        pyte.Stream(terminal).feed(sent.replace("\n", ""))
        return terminal


WALK = (
    "j j j G ctrl+u ctrl+u g + j j ctrl+d h l space - x X w escape tab tab j j tab 5 S I F e n c escape "
    "8 6 7 9 4 j } 1 z j z 3 j u z ? j escape slash r e l u enter n N escape a F F s s o [ ] B escape b b "
    "ctrl+p escape colon escape v escape q escape 2 j j y"
)


async def test_the_screen_stays_right_wherever_one_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot, findings = transformer(4)
    async with showing(Engine(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        line = Line(screen.app, monkeypatch)
        for key in ("", *WALK.split()):
            if key:
                await screen.press(key)
            await screen.pilot.pause(0.02)

            assert seen(line.terminal) == seen(line.in_full()), key


def moves() -> Iterator[str]:
    yield from ["j"] * 40
    yield from ["ctrl+d", "G", "k", "k", "ctrl+u", "g"]


async def test_moves_that_scroll_the_tree_send_less_than_four_kibibytes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshot, findings = transformer()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        await screen.press("+", "g")
        line = Line(screen.app, monkeypatch)
        await screen.pilot.pause(0.1)
        assert line.taken() > CURSOR_MOVE
        sent = []
        for key in moves():
            await screen.press(key)
            await screen.pilot.pause(0.02)
            sent.append(line.taken())

    assert min(sent) > 50
    assert max(sent) < CURSOR_MOVE


async def test_going_to_another_pane_sends_its_frame_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot, findings = transformer()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        line = Line(screen.app, monkeypatch)
        await screen.pilot.pause(0.1)
        line.taken()
        await screen.press("3")
        await screen.pilot.pause(0.05)

        assert 0 < line.taken() < 2048


@pytest.mark.parametrize("how", ["the key", "the terminal", "another program"])
async def test_everything_is_sent_anew_where_the_terminal_may_show_something_else(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot, findings = transformer()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        line = Line(screen.app, monkeypatch)
        await screen.pilot.pause(0.1)
        line.stream.feed("\x1b[2J")
        line.taken()
        if how == "the key":
            await screen.press("ctrl+l")
        elif how == "the terminal":
            screen.app.post_message(events.Resize(screen.app.size, screen.app.size))
        else:
            screen.app.app_resume_signal.publish(screen.app)
        await screen.pilot.pause(0.1)

        assert line.taken() > CURSOR_MOVE
        assert seen(line.terminal) == seen(line.in_full())
