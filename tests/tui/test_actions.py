"""Actions by their words: the palette, with the keys beside them, and keys that a user has changed."""

from __future__ import annotations

from collections import Counter

import pytest
from textual.command import CommandList

from gradtui.model.messages import Stopped
from gradtui.model.stops import Outcome
from gradtui.tui.keymap import Unclear, key_named, keymap_of, spoken
from gradtui.tui.passage import Passage
from gradtui.tui.screens.actions import ActionsScreen
from gradtui.tui.screens.help import HelpScreen, Keys
from gradtui.tui.screens.hints import Situation, hints
from gradtui.tui.screens.keys import scopes
from gradtui.tui.screens.panes import PANES
from gradtui.tui.screens.path import PathScreen
from gradtui.tui.status import Status
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.parameters import Parameters
from tests.tui.feeds import MadeUp
from tests.tui.programs import silent_numpy
from tests.tui.showing import Shown, showing, stopped


def listed(screen: Shown) -> list[str]:
    """What the palette offers, a line each."""
    top = screen.app.screen
    if not isinstance(top, ActionsScreen):
        return []
    options = top.query_one(CommandList)
    return [str(options.get_option_at_index(index).prompt) for index in range(options.option_count)]


async def search(screen: Shown, words: str) -> None:
    """Open the palette and type into it until its list is what the words ask for."""
    await screen.press("ctrl+p")
    await screen.until(lambda: len(listed(screen)) > 40)
    await screen.press(*("space" if letter == " " else letter for letter in words))
    await screen.until(lambda: listed(screen) and words.casefold() in listed(screen)[0].casefold())


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_ctrl_p_lists_every_action_with_its_key_and_fits_the_terminal(size: tuple[int, int]) -> None:
    async with stopped(size=size) as screen:
        await screen.press("ctrl+p")
        await screen.until(lambda: len(listed(screen)) > 40)
        words = [line.split(maxsplit=1) for line in listed(screen)]
        assert ["s", "Step: one node of backward"] in words
        assert ["/", "Search"] in words
        assert ["3", "To the pane Source"] in words
        region = screen.app.screen.query_one(CommandList).region
        assert screen.app.screen.region.contains_region(region)


async def test_words_find_an_action_and_enter_does_it() -> None:
    async with stopped() as screen:
        await search(screen, "zoom")
        await screen.press("enter")
        await screen.until(lambda: screen.app.main.zoomed == "graph")


async def test_an_action_is_found_by_its_name_in_the_settings_too() -> None:
    async with stopped() as screen:
        await screen.press("ctrl+p")
        await screen.until(lambda: len(listed(screen)) > 40)
        await screen.press(*"picture")
        await screen.until(lambda: len(listed(screen)) == 1)

        assert listed(screen)[0].split(maxsplit=1)[0] == "W"


@pytest.mark.parametrize("word", ["pict", "export", "save"])
async def test_an_action_is_found_by_other_words_that_people_have_for_it(word: str) -> None:
    async with stopped() as screen:
        await screen.press("ctrl+p")
        await screen.until(lambda: len(listed(screen)) > 40)
        await screen.press(*word)
        await screen.until(lambda: len(listed(screen)) < 20 and listed(screen)[0].startswith(("W", "8")))

        assert any(line.startswith("W") for line in listed(screen))


async def test_an_action_of_another_pane_goes_there_first() -> None:
    async with stopped() as screen:
        before = screen.text(Parameters)
        await search(screen, "sort")
        await screen.press("enter")
        await screen.until(lambda: screen.focused == "parameters")
        assert screen.text(Parameters) != before or "sort" in str(
            screen.app.main.query_one(Parameters).border_title
        )


async def test_an_action_of_tables_works_in_the_table_one_is_in() -> None:
    async with stopped() as screen:
        await screen.press("9")
        await search(screen, "turn")
        await screen.press("enter")
        await screen.until(lambda: screen.app.main.query_one(Optimizers).turned)

        assert screen.focused == "optimizers"
        assert not screen.app.main.query_one(Parameters).turned


async def test_esc_leaves_everything_as_it_was() -> None:
    async with stopped() as screen:
        await screen.press("ctrl+p", "escape")
        await screen.until(lambda: screen.app.screen is screen.app.main)
        assert screen.focused == "graph"


async def test_keys_that_were_changed_work_and_are_told_in_the_help_and_on_the_last_line() -> None:
    snapshot, findings = silent_numpy()
    keymap = keymap_of({"zoom": ["Z"], "next-cut": ["ctrl+n", "f5"], "down": ["s"], "step": ["j"]}, scopes())
    async with showing(MadeUp(Stopped(snapshot)), findings=findings, keymap=keymap) as screen:
        app = screen.app
        await screen.until_stopped()
        await screen.press("z")
        assert app.main.zoomed == ""
        await screen.press("Z")
        assert app.main.zoomed == "graph"
        await screen.press("Z", "g")
        at = app.main.graph.cursor
        await screen.press("s")
        assert app.main.graph.cursor == at + 1
        await screen.press("ctrl+n")
        assert screen.words == "out.detach"
        assert " j step " in screen.drawn[-1]
        await screen.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        said = " ".join(app.screen.query_one(Keys).render().plain.split())
        assert "Z Zoom the pane" in said
        assert "^n X Next or previous cut" in said


def test_every_action_of_the_screen_has_a_name_of_its_own() -> None:
    bindings = list(dict.fromkeys(binding for scope in scopes() for binding in scope))
    nameless = [item.action for item in bindings if item.id is None]
    assert nameless == []
    names = Counter(item.id for item in bindings if item.id is not None)
    assert [name for name, count in names.items() if count > 1] == []


def test_no_key_means_two_things_on_the_screen_by_default() -> None:
    for scope in scopes()[:1]:
        keys = Counter(key for item in scope for key in item.key.split(","))
        assert [key for key, count in keys.items() if count > 1] == []


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("n", "n"),
        ("N", "N"),
        ("?", "question_mark"),
        (",", "comma"),
        (" ", "space"),
        ("esc", "escape"),
        ("PgDn", "pagedown"),
        ("ctrl+n", "ctrl+n"),
        ("f5", "f5"),
        ("shift+tab", "shift+tab"),
    ],
)
def test_keys_are_understood_as_people_write_them(written: str, key: str) -> None:
    assert key_named(written) == key


@pytest.mark.parametrize("written", ["nn", "", "hyper+x", "ctrl+q", "ctrl+"])
def test_what_is_no_key_is_refused(written: str) -> None:
    with pytest.raises(Unclear):
        key_named(written)


@pytest.mark.parametrize("character", ["?", ",", "!", "@", "<", "|"])
def test_keys_are_written_on_the_screen_as_they_are_typed(character: str) -> None:
    assert spoken(key_named(character)) == character


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"stp": ["n"]}, "did you mean `step`?"),
        ({"step": ["o"]}, "`o` would mean both `step` and `over`"),
        ({"step": ["x"], "next-cut": ["x"]}, "`x` would mean both"),
        ({"down": ["F"]}, "`F` would mean both `filter` and `down`"),
        ({"step": []}, "needs at least one key"),
        ({"step": ["ctrl+q"]}, "always quits"),
        ({"step": ["hello"]}, "there is no key `hello`"),
    ],
)
def test_what_can_not_be_had_is_said_in_a_sentence(wanted: dict[str, list[str]], said: str) -> None:
    with pytest.raises(Unclear, match=said.replace("?", r"\?")):
        keymap_of(wanted, scopes())


def test_two_actions_may_change_keys_with_each_other() -> None:
    assert keymap_of({"step": ["o"], "over": ["s"]}, scopes()) == {"step": "o", "over": "s"}


async def test_a_key_of_two_panes_is_named_as_it_is_in_the_one_at_hand() -> None:
    snapshot, findings = silent_numpy()
    feed, wide = MadeUp(Stopped(snapshot)), (200, 40)
    async with showing(feed, findings=findings, size=wide, keymap={"narrow": "f3"}) as screen:
        await screen.until_stopped()
        assert "F filter" in screen.drawn[-1]
        await screen.press("5")
        assert "f3 filter" in screen.drawn[-1]


async def test_the_way_to_a_row_is_walked_with_the_key_that_was_given_to_cuts() -> None:
    snapshot, findings = silent_numpy()
    async with showing(MadeUp(Stopped(snapshot)), findings=findings, keymap={"next-cut": "f5"}) as screen:
        await screen.until_stopped()
        await screen.press("w")
        way = screen.app.screen
        assert isinstance(way, PathScreen)
        assert any("f5: to the break" in line for line in screen.drawn)
        begun = way.steps.cursor
        await screen.press("g", "f5")
        assert way.steps.cursor == begun


@pytest.mark.parametrize("pane", ["", *PANES])
def test_every_action_that_the_last_line_names_is_one(pane: str) -> None:
    names = {item.id for scope in scopes() for item in scope}
    held, ended = Status(held=True), Status(outcome=Outcome(0))
    for status in (held, ended, Status(waits="It waits."), Status(elsewhere=True), Status(recorded="It is.")):
        for shown in (False, True):
            now = Situation(pane, status, Passage(), shown=shown, typing=False, steppable=True)
            named = {name for hint in hints(now) for name in (hint.action, hint.undone) if name}
            assert named <= names
