"""Every word can be read on a light background too, as the contrast of its colours tells."""

from __future__ import annotations

import pytest
from rich.color import Color as Ink
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from gradtui.tui.ascii import VERBATIM
from gradtui.tui.light_theme import INKS, LightTheme, is_light
from tests.tui.feeds import Engine
from tests.tui.programs import silent_numpy, transformer
from tests.tui.showing import Shown, showing

PAPERS = ("#ffffff", "#fdf6e3", "#fbf1c7", "#eeeeee")
"""White, and what well-known light themes have."""
LEAST = 4.5
"""The contrast that the web's guidelines ask of text."""
SCENES = (
    (),
    ("3",),
    ("5",),
    ("8",),
    ("9",),
    ("s", "s", "left_square_bracket"),
    ("b", "B"),
    ("B", "x", "enter"),
    ("G", "w"),
    ("question_mark",),
    ("ctrl+p",),
    ("q",),
    ("slash", "r", "e", "l", "u"),
    ("colon", "l"),
)


def luminance(colour: str) -> float:
    parts = (part / 255 for part in Color.parse(colour).rgb)
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def unreadable(screen: Shown) -> set[tuple[str, str]]:
    """Texts whose colour can't be read on one of the light backgrounds, with their style."""
    found = set()
    for strip in screen.app.screen._compositor.render_strips():
        for text, style, _ in strip:
            if not text.strip() or style is None or style.color is None or style.color.is_default:
                continue
            fore, back = style.color.get_truecolor().hex, style.bgcolor
            papers = PAPERS if back is None or back.is_default else (back.get_truecolor().hex,)
            known = style.color.triplet is not None  # otherwise the terminal chooses, for a dark background
            if not known or any(contrast(fore, paper) < LEAST for paper in papers):
                found.add((text, str(style)))
    return found


@pytest.mark.parametrize("keys", SCENES, ids=" ".join)
@pytest.mark.parametrize("program", [silent_numpy, transformer], ids=["cut", "healthy"])
async def test_every_text_can_be_read_on_a_light_background(program: object, keys: tuple[str, ...]) -> None:
    assert callable(program)
    snapshot, findings = program()
    async with showing(Engine(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        await screen.press("L", *keys)
        await screen.pilot.pause(0.1)

        assert unreadable(screen) == set()


async def test_the_key_goes_back_to_the_terminals_own_colours() -> None:
    snapshot, findings = silent_numpy()
    async with showing(Engine(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        before = [list(strip) for strip in screen.app.screen._compositor.render_strips()]
        await screen.press("L")
        light = [list(strip) for strip in screen.app.screen._compositor.render_strips()]
        await screen.press("L")
        after = [list(strip) for strip in screen.app.screen._compositor.render_strips()]

    assert light != before
    assert after == before


@pytest.mark.parametrize(
    ("said", "light"),
    [("0;15", True), ("0;default;15", True), ("0;7", True), ("15;0", False), ("", False), ("7", True)],
)
def test_a_terminal_may_say_that_its_background_is_light(said: str, light: bool) -> None:
    assert is_light({"COLORFGBG": said}) is light


def test_what_the_program_printed_keeps_its_colours() -> None:
    yellow = Style.parse("yellow")
    (own,), (theirs,) = (
        LightTheme().apply([segment], Color(255, 255, 255))
        for segment in (Segment("x", yellow), Segment("x", yellow + VERBATIM))
    )

    assert own.style is not None
    assert own.style.color == Ink.parse(INKS[3])
    assert theirs.style == yellow + VERBATIM
