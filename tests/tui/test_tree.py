"""The tree on the screen: folds, filters, ways and finding, driven by keys."""

from __future__ import annotations

import re

import pytest

from gradtui.diagnosis.outline import Mark, RowKind
from gradtui.model.columns import NONE
from gradtui.model.findings import Rule
from gradtui.model.messages import Stopped
from gradtui.tui.palette import CUT, MUTED
from gradtui.tui.screens.path import PathScreen, Steps
from gradtui.tui.tree_filters import FILTERS, Filter
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.tree_lines import lent, severed_style
from tests.builders import Program
from tests.tui.programs import transformer
from tests.tui.showing import Shown, shown, stopped


def words(screen: Shown) -> str:
    """The line under the tree's cursor, blanks taken together."""
    tree = screen.app.main.graph
    return " ".join(tree.line(tree.cursor, 100).plain.split())


def walked(screen: Shown) -> PathScreen:
    top = screen.app.screen
    assert isinstance(top, PathScreen)
    return top


async def test_a_large_healthy_model_opens_with_its_layers_under_one_line_that_counts_them() -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        text = screen.text(GraphTree)
        assert "encoder.layers.0…11 x 12" in " ".join(text.split())
        assert screen.app.main.graph.count <= screen.app.main.graph.inner.height
        assert "◆" in text


async def test_a_fold_is_opened_and_closed_by_keys_and_the_cursor_stays_on_it() -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        tree = screen.app.main.graph
        tree.point_at(tree.lines.groups.start[0])
        line = next(index for index in range(tree.count) if "x 12" in tree.line(index, 100).plain)
        tree.cursor = line
        before = tree.count
        await screen.press("space")
        assert tree.count == before + 12
        assert "x 12" in words(screen)
        await screen.press("j", "l", "l")
        assert "encoder.layers.11" not in words(screen)
        await screen.press("minus", "plus")
        assert tree.count == tree.lines.total


async def test_a_fold_that_hides_a_cut_says_so_and_how_many_parameters_it_costs() -> None:
    run = Program("y = f(x)\nloss = y.detach()\nloss.backward()\n")
    hidden = run.leaf("x", (4,))
    for number in range(30):
        weights = (run.parameter(f"l.{number}.weight", (4, 4)), run.parameter(f"l.{number}.bias", (4,)))
        hidden = run.linear(f"l.{number}", hidden, 4, "f(x)", weights)
        hidden = run.op("torch.relu", [hidden], (4,), module=f"l.{number}", node="ReluBackward0")
        if number == 20:
            hidden = run.op("Tensor.detach", [hidden], (4,), at="y.detach()", tracked=False, module="l.20")
    snapshot = run.backward(run.op("torch.sum", [hidden], (), node="SumBackward0"), "loss.backward()")
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        text = " ".join(screen.text(GraphTree).split())
        assert "✂ 1 ◇ 43 not part of this loss" in text
        await screen.press("x")
        rows = screen.app.main.graph.lines.rows
        assert rows.marks[screen.app.main.graph.row] & Mark.CUT
        assert "tracking stops" in words(screen)


async def test_filters_go_round_by_one_key_the_title_names_them_and_esc_takes_them_away() -> None:
    async with stopped() as screen:
        tree = screen.app.main.graph
        everything = tree.count
        await screen.press("F")
        assert "cut off only" in str(tree.border_title)
        assert tree.count < everything
        await screen.press("F")
        assert "parameters only" in str(tree.border_title)
        assert {tree.lines.rows.kind[tree.lines.row_at(tree.lines.at(i))] for i in range(tree.count)} == {
            RowKind.LEAF
        }
        await screen.press("escape")
        assert tree.count == everything
        assert "only" not in str(tree.border_title)


async def test_a_filter_says_how_much_of_what_it_keeps_is_folded_away() -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        tree = screen.app.main.graph
        await screen.press("plus", "F")
        kept = tree.count - len(tree.lines.groups)
        assert f"{kept} of {len(tree.lines.rows):,} rows, parameters only" in str(tree.border_title)
        await screen.press("minus")
        seen = [line for line in screen.text(GraphTree).splitlines() if "▸" not in line]
        assert f"{kept} of {len(tree.lines.rows):,} rows ({kept - len(seen)} folded)" in str(
            tree.border_title
        )


async def test_a_filter_unfolds_what_it_keeps_and_leaves_the_folds_as_they_were() -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        tree = screen.app.main.graph
        await screen.press("minus", "j")
        folded, words = tree.lines.folded, screen.words
        await screen.press("F")
        kept = tree.count - len(tree.lines.groups)
        assert f"{kept} of {len(tree.lines.rows):,} rows, parameters only" in str(tree.border_title)
        await screen.press("minus", "escape")

        assert tree.lines.folded == folded
        assert screen.words == words


async def test_moving_under_a_filter_counts_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = list[int]()

    def seen(tree: GraphTree) -> int:
        counted.append(1)
        return tree.lines.kept_rows

    monkeypatch.setattr(GraphTree, "_rows_seen", seen)
    snapshot, _ = transformer(2)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        await screen.press("F")
        before = len(counted)
        assert before
        await screen.press("j", "j", "k")

        assert len(counted) == before


async def test_going_round_all_filters_leaves_the_cursor_where_it_was() -> None:
    async with stopped() as screen:
        await screen.press("g", "j")
        here, seen = screen.words, []
        for _ in FILTERS:
            await screen.press("F")
            seen.append(screen.words)
            if screen.app.main.graph.filter is Filter.NOTHING:
                break

        assert screen.words == here
        assert set(seen) != {here}
        await screen.press("F", "j")
        moved = screen.words
        await screen.press("escape")
        assert screen.words == moved


async def test_the_node_pane_says_that_a_fold_has_more_rows_than_the_one_it_tells_of() -> None:
    snapshot, _ = transformer(2)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        tree = screen.app.main.graph
        await screen.press("minus")
        tree.cursor = next(at for at in range(tree.count) if tree.lines.group_at(tree.lines.at(at)) != NONE)
        await screen.until(lambda: "folded" in screen.text(Details))
        many = re.search(r"first of (\d+) rows that are folded here", " ".join(screen.text(Details).split()))
        assert many is not None
        assert int(many[1]) > 10
        await screen.press("space")
        assert "folded" not in screen.text(Details)


async def test_filters_of_which_there_is_nothing_are_passed_over_and_said() -> None:
    snapshot, _ = transformer(1)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        await screen.press("F")

        assert "nothing of: cut off" in screen.notice
        assert "parameters only" in str(screen.app.main.graph.border_title)


async def test_going_to_a_row_that_is_filtered_out_shows_everything_again() -> None:
    async with stopped() as screen:
        await screen.press("F", "F", "x")

        assert screen.words == "out.detach"
        assert "only" not in str(screen.app.main.graph.border_title)


async def test_glue_is_hidden_and_shown_by_one_key() -> None:
    run = Program("loss = f(x)\nloss.backward()\n")
    viewed = run.op("Tensor.view", [run.leaf("x", (3, 1))], (3,), node="ViewBackward0")
    turned = run.op("Tensor.t", [viewed], (3,), node="TBackward0")
    loss = run.op("torch.sum", [turned], (), at="f(x)", node="SumBackward0")
    async with shown(Stopped(run.backward(loss, "loss.backward()"))) as screen:
        await screen.until_stopped()
        assert "TBackward0" in screen.text(GraphTree)
        await screen.press("a")
        assert "TBackward0" not in screen.text(GraphTree)
        assert "4 rows, 1 of glue hidden" in str(screen.app.main.graph.border_title)
        await screen.press("a")
        assert "TBackward0" in screen.text(GraphTree)


async def test_cuts_and_findings_are_offered_only_where_there_are_any() -> None:
    def offered(screen: Shown) -> set[str]:
        return {hint.action for hint in screen.app.main.query_one(Footer).hints}

    async with stopped() as screen:
        assert "next-cut" in offered(screen)
        await screen.press("4")
        assert {"next-finding", "choose"} <= offered(screen)
    snapshot, findings = transformer()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        assert "next-cut" not in offered(screen)
        assert "why" not in offered(screen)  # no way leads to the loss itself, and nothing is found
        await screen.press("down")
        assert "why" in offered(screen)
        await screen.press("4")
        assert not {"next-finding", "choose"} & offered(screen)


async def test_x_goes_to_no_dead_end_that_only_refers_to_what_is_cut() -> None:
    run = Program("adv = h(fake.detach())\nloss = left(adv, u) + right(adv, u)\nloss.backward()\n")
    used = run.parameter("u", (3,))
    cut = run.op("Tensor.detach", [run.parameter("v", (3,))], (3,), at="fake.detach()", tracked=False)
    adv = run.op("h", [cut], (3,), at="h(fake.detach())", tracked=False)
    one = run.op("left", [adv, used], (), at="left(adv, u)")
    other = run.op("right", [adv, used], (), at="right(adv, u)")
    loss = run.op("Tensor.add", [one, other], (), at="left(adv, u) + right(adv, u)")
    async with shown(Stopped(run.backward(loss, "loss.backward()"))) as screen:
        await screen.until_stopped()
        await screen.press("g", "x")
        assert screen.words == "fake.detach"
        assert "cut 1 of 1" in "\n".join(screen.drawn)
        assert any("stands" in row and "adv" in row for row in screen.drawn)
        await screen.press("x")
        assert screen.words == "fake.detach"


async def test_what_no_finding_is_about_is_not_drawn_in_red_beside_what_is() -> None:
    run = Program("loss = f(x, far(out.detach()), pick(drawn))\nloss.backward()\n")
    used, missed = run.parameter("x", (3,)), run.parameter("missed", (3,))
    cut = run.op("Tensor.detach", [missed], (3,), at="out.detach()", tracked=False)
    far = run.op("far", [cut], (3,), at="far(out.detach())", tracked=False)
    odds = run.op("policy", [used], (3,))
    drawn = run.op("torch.multinomial", [odds], (3,), at="drawn", tracked=False)
    picked = run.op("pick", [drawn], (3,), at="pick(drawn)", tracked=False)
    loss = run.op("f", [used, far, picked], (), at="f(x, far(out.detach()), pick(drawn))")
    snapshot = run.backward(loss, "loss.backward()")
    finding = run.finding(Rule.DETACH, "out.detach()", "`out` is detached.", affected=["missed"])
    async with shown(Stopped(snapshot), findings=(finding,)) as screen:
        await screen.until_stopped()
        view = screen.app.main.view
        assert view is not None
        styles = {
            view.labels.label(row).words: severed_style(view, row)
            for row in range(len(view.rows))
            if view.rows.marks[row] & Mark.SEVERED
        }

        assert styles["far"] == CUT
        assert styles["pick"] == MUTED


async def test_w_shows_the_way_to_a_parameter_opens_on_its_break_and_enter_goes_to_the_row() -> None:
    async with stopped() as screen:
        await screen.press("G", "w")
        box = walked(screen)
        text = "\n".join(box.steps.line(index, 100).plain for index in range(box.steps.count))
        assert "loss" in text.splitlines()[0]
        assert "fc1.bias" in text.splitlines()[-1]
        assert "tracking stops" in box.steps.line(box.steps.cursor, 100).plain
        await screen.press("enter")
        assert screen.words == "out.detach"
        assert screen.focused == "graph"


async def test_w_in_the_table_of_parameters_asks_for_the_one_under_the_cursor() -> None:
    async with stopped() as screen:
        await screen.press("5", "w")
        box = walked(screen)
        assert "fc1.weight" in box.steps.line(box.steps.count - 1, 100).plain
        await screen.press("escape")
        assert screen.focused == "parameters"


async def test_w_says_that_nothing_breaks_the_way_where_nothing_does() -> None:
    async with stopped() as screen:
        await screen.press("g", "j", "w")
        box = walked(screen)
        assert "nothing breaks this way" in str(box.children[0].children[0].render())
        assert box.query_one(Steps).count == 2


async def test_w_of_a_parameter_that_has_no_part_in_the_loss_says_why_in_a_sentence() -> None:
    run = Program("loss = f(x)\nloss.backward()\n")
    run.parameter("unused.weight", (3,))
    loss = run.op("torch.sum", [run.parameter("w", (3,))], (), at="f(x)", node="SumBackward0")
    async with shown(Stopped(run.backward(loss, "loss.backward()"))) as screen:
        await screen.until_stopped()
        await screen.press("5", "w")

        assert "No way leads to unused.weight" in screen.notice


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("fc2.w", "fc2.weight"),
        ("MseLoss", "loss"),
        ("py:27", "pred"),
        ("(5, 10)", "fc1.weight"),
        ("torch.relu", "hidden"),
    ],
)
async def test_search_finds_parameters_nodes_lines_shapes_and_functions(typed: str, wanted: str) -> None:
    async with stopped() as screen:
        await screen.press("g", "slash")
        await screen.press(*("space" if letter == " " else letter for letter in typed), "enter")

        assert wanted in screen.words


async def test_search_reaches_into_folds_and_opens_them() -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        await screen.press("slash", *"layers.7.ffn.up.bias", "enter")

        assert screen.words == "encoder.layers.7.ffn.up.bias"


async def test_of_a_tensor_that_requires_no_gradient_the_node_pane_says_that_it_gets_none() -> None:
    run = Program("y = f(x)\nloss = y.detach()\nloss.backward()\n")
    hidden = run.op("f", [run.parameter("w", (4,))], (4,), at="f(x)", node="FBackward0")
    cut = run.op("Tensor.detach", [hidden], (4,), at="y.detach()", tracked=False)
    loss = run.op("torch.add", [cut, run.parameter("b", (4,))], (), node="AddBackward0")
    async with shown(Stopped(run.backward(loss, "loss.backward()"))) as screen:
        await screen.until_stopped()
        await screen.press("x")
        facts = dict(screen.app.main.query_one(Details).facts)

        assert facts["requires_grad"].plain == "False"
        assert facts["retains_grad"].plain == "it requires no grad and gets none"


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_the_way_is_scrolled_to_its_cursor_where_it_is_longer_than_the_screen(
    size: tuple[int, int],
) -> None:
    snapshot, _ = transformer(12)
    async with shown(Stopped(snapshot), size=size) as screen:
        await screen.until_stopped()
        await screen.press("5", "slash", *"layers.0.attn.q.weight", "enter", "w")
        steps = walked(screen).steps
        assert steps.count > size[1]

        await screen.until(lambda: any("│▌◆ " in line for line in screen.drawn))
        assert "nothing breaks this way" in "\n".join(screen.drawn)
        assert "esc: back" in "\n".join(screen.drawn)
        await screen.press("g")
        assert any("│▌• " in line for line in screen.drawn)


@pytest.mark.parametrize(
    ("words", "room", "name", "kind", "cells"),
    [
        ("weight", 10, "reached", RowKind.LEAF, 0),
        ("lora_A.default.weight", 6, "reached", RowKind.LEAF, 10),  # all but the 7 that its state takes
        ("weight", 3, "reached", RowKind.LEAF, 3),
        ("transpose", 5, "TransposeBackward0", RowKind.NODE, 4),
        ("scaled_dot_product_attention", 5, "MulBackward0", RowKind.NODE, 6),
        ("scaled_dot_product_attention", 30, "MulBackward0", RowKind.NODE, 0),
    ],
)
def test_a_deep_row_lends_its_words_what_the_column_beside_them_can_spare(
    words: str, room: int, name: str, kind: RowKind, cells: int
) -> None:
    assert lent(words, room, name, 17, kind) == cells
