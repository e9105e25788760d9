"""The tables: sorted by any column, filtered by typing; saved tensors and optimizers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from math import nan

import pytest
from rich.text import Text
from textual import events
from textual.geometry import Region
from textual.keys import _character_to_key

from gradtui.model.columns import NONE
from gradtui.model.gradients import Learnt
from gradtui.model.messages import (
    FromViewer,
    ProgramPhase,
    Progress,
    Reason,
    Stepped,
    Stopped,
    Weigh,
    Weighed,
)
from gradtui.model.owners import Group
from gradtui.model.saved import Saved as SavedTensors
from gradtui.model.snapshot import Snapshot
from gradtui.tui.saved_memory import bytes_text
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.saved import Saved
from gradtui.tui.widgets.search import Search
from gradtui.tui.widgets.sorted_table import in_order
from gradtui.tui.widgets.table import Column, cells, fitted
from gradtui.tui.widgets.tabs import Tabs
from tests.builders import Program
from tests.tui.feeds import Engine, MadeUp, gradient
from tests.tui.programs import kept, silent_numpy, transformer
from tests.tui.showing import Shown, showing, shown, stopped


def names(screen: Shown) -> list[str]:
    return [item.name for item in screen.app.main.query_one(Parameters).items]


# sorting and filtering


async def test_a_table_is_sorted_by_each_column_in_turn_and_turned_round() -> None:
    async with stopped() as screen:
        await screen.press("5")
        first = names(screen)
        await screen.press("S")
        assert names(screen) == sorted(first)
        assert "Sorted by name" in screen.notice
        await screen.press("S")
        assert names(screen)[0] == "future"
        assert "↓shape" in screen.text(Parameters)
        await screen.press("I")

        assert names(screen)[-1] == "future"
        assert "↑shape" in screen.text(Parameters)


async def test_the_cursor_stays_on_its_parameter_when_the_order_changes() -> None:
    async with stopped() as screen:
        await screen.press("5", "j", "j")
        here = screen.app.main.query_one(Parameters).name_here
        await screen.press("S", "I")

        assert screen.app.main.query_one(Parameters).name_here == here


def in_sight(screen: Shown) -> list[str]:
    """The lines of the parameters' table that are on the screen."""
    table = screen.app.main.query_one(Parameters)
    return [line.text for line in table.render_lines(Region(0, 0, *table.inner))]


@asynccontextmanager
async def long_table() -> AsyncIterator[Shown]:
    """More parameters than there are lines for them, in focus."""
    async with showing(MadeUp(Stopped(transformer(8)[0]))) as screen:
        await screen.until_stopped()
        await screen.press("5")
        yield screen


async def test_the_titles_stay_in_sight_at_the_end_of_a_long_table() -> None:
    async with long_table() as screen:
        await screen.press("G")
        first, *others = in_sight(screen)

        assert first.split()[:3] == ["name", "shape", "gradient"]
        assert names(screen)[-1] in others[-1]
        await screen.press("g")
        assert names(screen)[0] in in_sight(screen)[1]


async def test_a_new_order_is_seen_from_its_top() -> None:
    async with long_table() as screen:
        for key in ("S", "I"):
            await screen.press("G", key)
            first, second, *_ = in_sight(screen)

            assert re.search("[↑↓]name", first)
            assert names(screen)[0] in second
            assert screen.app.main.query_one(Parameters).name_here == names(screen)[0]


async def test_a_click_in_a_scrolled_table_is_on_the_line_that_is_seen() -> None:
    async with long_table() as screen:
        await screen.press("G")
        table = screen.app.main.query_one(Parameters)
        await screen.pilot.click(Parameters, offset=(3, 1))
        await screen.pilot.pause()
        here = table.name_here
        assert here not in ("", names(screen)[-1])
        await screen.press("G")
        await screen.pilot.click(Parameters, offset=(3, 0))
        await screen.until(lambda: table.by == "name")


async def test_norms_that_get_longer_as_backward_goes_on_are_not_clipped() -> None:
    run = Program("loss = f(w)\nloss.backward()\n")
    weight = run.parameter(f"{'encoder.' * 8}weight", (3, 4))  # its name would take all the room there is
    snapshot = run.backward(run.op("f", [weight], (), at="f(w)", node="FBackward0"), "loss.backward()")
    engine = Engine(snapshot, sends={0: gradient(1.23e-12)})
    async with showing(engine, size=(80, 24)) as screen:
        await screen.until_stopped()
        await screen.press("5", "s")
        await screen.until(lambda: screen.app.main.passage.begun)
        assert "none" in in_sight(screen)[1]
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.ended)

        assert "1.2e-12" in in_sight(screen)[1]


async def test_a_search_finds_no_titles() -> None:
    async with stopped() as screen:
        await screen.press("5", "j", "j")
        here = screen.app.main.query_one(Parameters).name_here
        await screen.press("slash", *"shape", "enter")

        assert screen.app.main.query_one(Parameters).name_here == here


async def test_a_click_on_a_title_sorts_by_its_column_and_another_one_turns_it() -> None:
    async with stopped() as screen:
        await screen.press("5")
        table = screen.app.main.query_one(Parameters)
        column = table.line(0, table.inner.width - 2).plain.index("shape") + 2
        await screen.pilot.click(Parameters, offset=(column, 0))
        await screen.until(lambda: table.by == "shape")
        assert names(screen)[0] == "future"
        await screen.pilot.click(Parameters, offset=(column, 0))
        await screen.until(lambda: table.turned)

        assert names(screen)[-1] == "future"


async def test_a_table_is_filtered_as_one_types_and_escape_shows_all_again() -> None:
    async with stopped() as screen:
        await screen.press("5", "F", *"cut bias")
        assert names(screen) == ["fc1.bias", "fc2.bias"]
        await screen.press("enter")
        assert screen.focused == "parameters"
        assert "2 of 5 with 'cut bias'" in screen.text(Parameters)
        await screen.press("escape")

        assert len(names(screen)) == 5
        assert screen.focused == "parameters"


async def test_what_a_filter_leaves_is_said_above_the_titles_and_covers_none() -> None:
    async with stopped() as screen:
        await screen.press("5", "j")
        titles = in_sight(screen)[0].split()
        here = screen.app.main.query_one(Parameters).name_here
        await screen.press("F", *"fc", "enter")

        said, under, *_ = in_sight(screen)
        assert f"{len(names(screen))} of 5 with 'fc'" in said
        assert under.split() == titles
        assert screen.app.main.query_one(Parameters).name_here == here
        await screen.press("escape")
        assert in_sight(screen)[0].split() == titles
        assert screen.app.main.query_one(Parameters).name_here == here


async def test_a_filter_that_fits_nothing_says_so_and_escape_drops_it() -> None:
    async with stopped() as screen:
        await screen.press("5", "F", *"zebra")
        assert screen.app.main.query_one(Search).missed
        await screen.press("escape")

        assert len(names(screen)) == 5


async def test_searching_a_table_is_not_filtering_it() -> None:
    async with stopped() as screen:
        await screen.press("5", "slash", *"fc2.bias", "enter")

        assert screen.app.main.query_one(Parameters).name_here == "fc2.bias"
        assert len(names(screen)) == 5


def test_names_are_sorted_as_people_count() -> None:
    ordered = ["a.2.weight", "a.10.bias", "a.10.weight", "b"]
    assert sorted([ordered[place] for place in (3, 1, 0, 2)], key=in_order) == ordered


async def test_a_step_that_a_broken_gradient_spoils_has_one_sign_whatever_it_spoils() -> None:
    run = Program("opt = Adam(net)\nloss = f(net)\nloss.backward()\n")
    made = [run.parameter(name, shape) for name, shape in (("w", (3, 4)), ("b", (4,)), ("zeros", (4,)))]
    run.optimizer("Adam", made, at="Adam(net)")
    snapshot = run.backward(run.op("f", made, (), at="f(net)", node="FBackward0"), "loss.backward()")
    bad = gradient(nans=1)
    learnt = tuple(
        Learnt(item.tensor, bad, float(item.name != "zeros"), None if item.name == "zeros" else nan)
        for item in snapshot.parameters
    )
    feed = MadeUp(Stopped(snapshot))
    async with showing(feed) as screen:
        await screen.until_stopped()
        feed.say(Stepped((), NONE, 1, Reason.END, learnt=learnt))
        await screen.until(lambda: screen.app.main.passage.ended)
        table = screen.app.main.query_one(Parameters)
        cells = [table.texts(item)["update/weight"] for item in table.items]

        assert [cell.plain for cell in cells] == ["✗NaN"] * 3
        assert len({cell.style for cell in cells}) == 1


# optimizers


def two_groups() -> Snapshot:
    run = Program("opt = Adam(groups)\nloss = f(a)\nloss.backward()\n")
    kept, lost = run.parameter("a", (3, 4)), run.parameter("b", (5,))
    run.optimizer("Adam", [kept, lost], at="Adam(groups)")
    snapshot = run.backward(run.op("f", [kept], (), at="f(a)", node="FBackward0"), "loss.backward()")
    tensors = {item.name: item.tensor for item in snapshot.parameters}
    groups = tuple(
        Group((tensors[name],), (("lr", rate), ("weight_decay", "0.1"), ("foreach", "None")))
        for name, rate in (("a", "0.001"), ("b", "0.1"))
    )
    return replace(snapshot, optimizers=(replace(snapshot.optimizers[0], groups=groups, steps=7),))


async def test_optimizers_tell_groups_options_steps_and_what_gets_a_gradient() -> None:
    async with showing(MadeUp(Stopped(two_groups()))) as screen:
        await screen.until_stopped()
        await screen.press("9")
        table = screen.app.main.query_one(Optimizers)
        lines = [table.line(index, 140).plain for index in range(table.count)]

        assert len(lines) == 3
        assert "optimizer (Adam)" in lines[1]
        assert "all reached" in lines[1]
        assert "not part of this loss" in lines[2]
        assert all(text in lines[1] for text in ("0.001", "7", "weight_decay 0.1", "train.py:1"))
        assert "foreach" not in lines[1]


async def test_a_group_whose_gradients_come_in_vain_isnt_called_well_reached() -> None:
    snapshot = two_groups()
    tensor = snapshot.optimizers[0].groups[0].tensors[0]
    found = replace(silent_numpy()[1][0], affected=("a",), tensors=(tensor,))
    async with shown(Stopped(snapshot), findings=(found,)) as screen:
        await screen.until_stopped()
        await screen.press("9")
        line = screen.text(Optimizers)

        assert "▲ all in vain" in line
        assert "all reached" not in line


async def test_enter_on_a_group_shows_its_parameters() -> None:
    async with showing(MadeUp(Stopped(two_groups()))) as screen:
        await screen.until_stopped()
        await screen.press("9", "j", "enter")

        assert screen.focused == "parameters"
        assert names(screen) == ["b"]
        assert "1 of 2 in optimizer (Adam), group 1 (esc: all)" in screen.text(Parameters)
        await screen.press("escape")
        assert names(screen) == ["b", "a"]


async def test_enter_on_a_group_shows_none_of_another_group_whose_line_has_the_same_words() -> None:
    run = Program("opt = Adam(groups)\nloss = f(a)\nloss.backward()\n")
    made = [run.parameter(f"blocks.{number}.weight", (3,)) for number in range(12)]
    run.optimizer("Adam", made, at="Adam(groups)")
    snapshot = run.backward(run.op("f", made, (), at="f(a)", node="FBackward0"), "loss.backward()")
    groups = tuple(Group((item.tensor,), ()) for item in snapshot.parameters)
    twelve = replace(snapshot, optimizers=(replace(snapshot.optimizers[0], groups=groups),))
    async with showing(MadeUp(Stopped(twelve))) as screen:
        await screen.until_stopped()
        await screen.press("9", "j", "enter")

        # "Adam group 10" and "blocks.10.weight" have the words of group 1 too.
        assert names(screen) == ["blocks.1.weight"]
        await screen.press("F", *"weight", "enter")
        assert names(screen) == ["blocks.1.weight"]


# saved tensors


class Weighing(MadeUp):
    """A program that tells what its nodes have saved when `answer` is called."""

    asked: Weigh | None = None

    def send(self, message: FromViewer) -> None:
        super().send(message)
        if isinstance(message, Weigh):
            self.asked = message

    def answer(self, saved: SavedTensors, error: str = "") -> None:
        assert self.asked is not None
        self.say(Weighed(self.asked.request, saved, error))


@asynccontextmanager
async def weighed() -> AsyncIterator[Shown]:
    """The pane of saved tensors in focus, and what it asked for told."""
    snapshot, _ = transformer(2)
    feed = Weighing(Stopped(snapshot))
    async with showing(feed) as screen:
        await screen.until_stopped()
        assert feed.asked is None, "nothing is read before somebody looks"
        await screen.press("8")
        await screen.until(lambda: feed.asked is not None)
        feed.answer(kept(snapshot))
        await screen.until(lambda: screen.app.main.query_one(Saved).known)
        yield screen


async def test_saved_tensors_are_asked_for_when_they_are_looked_at_and_summed_by_module() -> None:
    async with weighed() as screen:
        lines = screen.text(Saved).splitlines()

        assert lines[0].startswith("3.0 MiB kept by 2 nodes; 4.0 KiB more are parameters' own")
        assert "4 nodes under saved-tensor hooks were not asked" in screen.app.main.query_one(Saved).said
        assert lines[2].split()[:4] == ["2.0", "MiB", "67", "%"]
        assert "encoder.layers.1" in lines[2]
        assert lines[3].split()[0] == "1.0"


async def test_where_nothing_is_to_be_sorted_the_key_says_so() -> None:
    async with showing(Weighing(Stopped(transformer(1)[0]))) as screen:
        await screen.until_stopped()
        await screen.press("8", "S")

        assert screen.notice == "There is nothing here to be sorted."


async def test_by_tensor_memory_that_two_keep_counts_once_and_a_write_shows_both_versions() -> None:
    async with weighed() as screen:
        await screen.press("m")
        lines = screen.text(Saved).splitlines()[2:]

        assert [line.split()[0] for line in lines] == ["2.0", "1.0", "1.0", "1.0", "4.0"]
        assert "shared" in lines[3]
        assert "✗ 0→3" in lines[3]
        assert "param" in lines[4]


async def test_enter_goes_from_a_module_to_its_tensors_and_on_to_the_row() -> None:
    async with weighed() as screen:
        await screen.press("j", "enter")
        saved = screen.app.main.query_one(Saved)
        assert {line.split()[0] for line in screen.text(Saved).splitlines()[2:]} == {"1.0"}
        assert "in encoder.layers.0" in screen.text(Saved)
        await screen.press("enter")

        assert screen.focused == "graph"
        assert saved.told.node[0] == screen.app.main.view.rows.vertex[screen.app.main.graph.row]  # type: ignore[union-attr]


async def test_while_nodes_are_asked_the_pane_counts_and_the_program_stays_held() -> None:
    snapshot, _ = transformer(1)
    feed = Weighing(Stopped(snapshot))
    async with showing(feed) as screen:
        await screen.until_stopped()
        await screen.press("8")
        feed.say(Progress(1, None, ProgramPhase.WEIGHING, 5_000, 90_000))
        await screen.until(lambda: "5,000 of 90,000 nodes asked" in screen.text(Saved))
        assert screen.app.status.held
        feed.answer(SavedTensors(), "What nodes have saved can be read before backward begins.")
        await screen.until(lambda: "before backward begins" in screen.text(Saved))


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1,023 B"), (1536, "1.5 KiB"), (3 << 40, "3.0 TiB")]
)
def test_bytes_are_told_in_words(size: int, text: str) -> None:
    assert bytes_text(size) == text


async def test_a_key_goes_from_one_tab_to_another() -> None:
    async with stopped() as screen:
        for key, pane in (("5", "parameters"), ("9", "optimizers"), ("8", "saved"), ("4", "findings")):
            await screen.press(key)
            assert screen.focused == pane


@pytest.mark.parametrize("width", [80, 100, 120, 200])
async def test_all_tabs_have_room_at_every_width(width: int) -> None:
    async with stopped(size=(width, 24)) as screen:
        tabs = screen.app.main.query_one(Tabs)
        line = tabs.render().plain

        # Where it is narrow, a rule stands right before a key.
        assert all(re.search(rf"[ ─│]{tab.key} ", line) for tab in tabs.tabs)


@pytest.mark.parametrize("key", ["F", "/"])
async def test_what_is_typed_fast_after_the_key_of_a_filter_or_search_is_its_text(key: str) -> None:
    async with stopped() as screen:
        await screen.press("5")
        driver = screen.app._driver
        assert driver is not None
        for letter in (key, *"bias"):  # all at once, as from a slow line: `b` sets no break, `s` no step
            event = events.Key(_character_to_key(letter), letter)
            event.set_sender(screen.app)
            driver.send_message(event)
        search = screen.app.main.query_one(Search)
        await screen.until(lambda: search.wanted == "bias")

        assert not screen.app.main.breaks.kept
        assert not screen.app.main.passage.begun


def test_a_long_name_keeps_the_number_that_tells_layers_apart() -> None:
    column = (Column("name", 14, 1, kept=25),)

    def drawn(name: str, width: int) -> str:
        return cells([Text(f"◇ {name}")], fitted(column, width, {"name": 60})).plain.rstrip()

    assert drawn("encoder.0.self_attn.in_proj_weight", 31) == "◇ encoder.0…attn.in_proj_weight"
    for number in (1, 11):
        for width in range(20, 36):
            short = drawn(f"encoder.{number}.self_attn.in_proj_weight", width)
            assert len(short) <= width
            assert f".{number}." in short.replace("…", ".")
            assert short.endswith("weight")
    assert drawn("embedding_of_words_and_places.weight", 24) == "◇ emb…_and_places.weight"


def test_a_long_name_keeps_both_its_ends_and_a_column_no_more_room_than_it_needs() -> None:
    columns = (Column("name", 14, 1, kept=25), Column("shape", 20, 1), Column("device", 7, 1, 120))
    texts = {"name": Text("◆ generator.layers.10.weight"), "shape": Text("(3,)"), "device": Text("cpu")}
    needs = {title: text.cell_len for title, text in texts.items()}

    def drawn(width: int) -> str:
        found = fitted(columns, width, needs)
        return cells([texts[column.title] for column, _ in found], found).plain.rstrip()

    assert drawn(60).split() == ["◆", "generator.layers.10.weight", "(3,)", "cpu"]
    assert drawn(30).split() == ["◆", "gen…layers.10.weight", "(3,)"]


def test_names_of_numbered_blocks_are_told_apart_where_they_are_cut() -> None:
    column = (Column("name", 14, 1, kept=25),)
    names = [f"{block}.{part}.weight" for block in ("enc1", "enc2") for part in ("conv1x1", "conv1", "bn1")]
    for width in (16, 18, 20):
        found = fitted(column, width, {"name": 21})
        drawn = [cells([Text(f"◇ {name}")], found).plain.rstrip() for name in names]

        assert len(set(drawn)) == len(names)
        assert all(line.startswith(f"◇ {name[:4]}") for line, name in zip(drawn, names, strict=True))


def test_no_cell_is_left_over_while_a_text_is_cut() -> None:
    columns = (Column("name", 14, 4), Column("why", 12, 6), Column("optimizer", 10, 1), Column("dtype", 9, 1))
    needs = {"name": 13, "why": 32, "optimizer": 3, "dtype": 7}
    for width in range(13 + 32 + 10 + 7 + 6, 90):
        widths = {column.title: cells for column, cells in fitted(columns, width, needs)}

        assert widths["why"] >= 32
        assert sum(widths.values()) + 6 == width


def test_a_shape_that_is_cut_makes_room_for_names_and_reasons() -> None:
    columns = (Column("name", 14, 4), Column("shape", 10, 1, 60), Column("why", 12, 6))
    needs = {"name": 21, "shape": 17, "why": 25}

    assert [column.title for column, _ in fitted(columns, 50, needs)] == ["name", "why"]
    assert [column.title for column, _ in fitted(columns, 67, needs)] == ["name", "shape", "why"]
