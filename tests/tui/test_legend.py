"""The help: it says what the signs mean, and can be read to its end on every screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.model.messages import Stopped
from gradtui.tui.ascii import AsciiSigns
from gradtui.tui.labels import FREED
from gradtui.tui.legend import LEGEND
from gradtui.tui.screens.help import HelpScreen
from gradtui.tui.statuses import sign_of, style_of
from gradtui.tui.tree_filters import FILTERS
from tests.tui.feeds import MadeUp
from tests.tui.programs import silent_numpy
from tests.tui.showing import Shown, showing, stopped

LAST = LEGEND[-1][1][-1][2]
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SAID = {
    "the help": " ".join(f"{sign} {meaning}" for _, signs in LEGEND for sign, _, meaning in signs),
    "README": README[README.index("### Signs") : README.index("### Other keys")],
}
WORDS = (
    *(status.value for status in GradStatus),
    FREED,
    "in vain",
    "tracking stops",
    "dead end",
    "stands above",
)


def seen(screen: Shown) -> str:
    return "\n".join(screen.drawn)


@pytest.mark.parametrize("where", SAID)
@pytest.mark.parametrize("word", WORDS)
def test_every_word_that_a_row_can_bear_is_explained(word: str, where: str) -> None:
    assert word in SAID[where]


@pytest.mark.parametrize("sign", [sign for _, signs in LEGEND for sign, _, _ in signs if len(sign) == 1])
def test_the_signs_of_the_help_stand_in_readme(sign: str) -> None:
    assert sign in SAID["README"]


@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40)])
@pytest.mark.parametrize(("down", "up"), [("G", "g"), ("end", "home")])
async def test_the_help_scrolls_to_its_last_sign_and_back(size: tuple[int, int], down: str, up: str) -> None:
    async with stopped(size=size) as screen:
        await screen.press("question_mark")
        assert "Step: one node of" in seen(screen)
        assert LAST not in seen(screen) or size == (120, 40)
        await screen.press(down)
        assert LAST in seen(screen)
        await screen.press(up)
        assert "Step: one node of" in seen(screen)


@pytest.mark.parametrize("key", ["j", "down", "pagedown", "ctrl+d", "space"])
async def test_each_of_these_keys_goes_on_in_the_help(key: str) -> None:
    async with stopped(size=(40, 10)) as screen:
        await screen.press("question_mark", key)

        assert isinstance(screen.app.screen, HelpScreen)
        assert screen.app.screen.box.scroll_y > 0


async def test_on_a_narrow_screen_what_is_said_of_a_key_goes_on_in_the_next_line() -> None:
    async with stopped(size=(40, 10)) as screen:
        await screen.press("question_mark")

        assert "…" not in "".join(line[12:] for line in screen.drawn[1:-1])


async def test_in_ascii_the_signs_are_those_that_ascii_draws() -> None:
    snapshot, _ = silent_numpy()
    async with showing(MadeUp(Stopped(snapshot)), signs=[AsciiSigns()]) as screen:
        await screen.until_stopped()
        await screen.press("question_mark", "G")

        assert any("%" in line and "tracking stops at this call" in line for line in screen.drawn)


async def test_the_help_names_the_filters_that_a_key_goes_through() -> None:
    async with stopped() as screen:
        await screen.press("question_mark")
        line = next(line for line in screen.drawn if "Filter: " in line)

        assert all(name in line for name in FILTERS[1:])


async def test_the_help_explains_the_ratio_of_update_and_weight() -> None:
    async with stopped() as screen:
        await screen.press("question_mark", "G")

        assert "update/weight" in seen(screen)
        assert "a step that isn't finite" in seen(screen)


def test_a_parameter_that_is_reached_in_vain_is_explained_as_it_is_drawn() -> None:
    drawn = sign_of(GradStatus.IN_VAIN), style_of(GradStatus.IN_VAIN)
    told = [meaning for _, signs in LEGEND for sign, style, meaning in signs if (sign, style) == drawn]

    assert [meaning for meaning in told if "in vain" in meaning] == told != []
    assert "yellow where it comes in vain" in SAID["README"]


def test_no_sign_of_one_colour_is_explained_twice_in_the_same_part() -> None:
    for _, signs in LEGEND:
        told = [(sign, style) for sign, style, _ in signs if sign]
        assert len(set(told)) == len(told)
