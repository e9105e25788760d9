"""The whole screen, driven by keys, on a program that is made up."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from textual.geometry import Size
from textual.widget import Widget

from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.messages import Act, Command, ProgramPhase, Progress, Ready, Seen, Stopped, Training
from gradtui.model.stops import Outcome, Stop, StopKind
from gradtui.model.trace import ValueFlag
from gradtui.session.events import Ended, Output
from gradtui.tui.app import GradApp
from gradtui.tui.layout import ScreenLayout
from gradtui.tui.screens.help import Keys
from gradtui.tui.screens.path import PathScreen
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.source import Source
from gradtui.tui.widgets.stops import Stops
from tests.builders import Program
from tests.tui.feeds import LAUNCH, MadeUp
from tests.tui.programs import silent_numpy, transformer
from tests.tui.showing import MEDIUM, Shown, shown, stopped

# before the stop


async def test_before_the_stop_it_shows_the_output_the_calls_and_the_line() -> None:
    snapshot, _ = silent_numpy()
    site = snapshot.trace.sites[snapshot.stop.site]
    async with shown(
        Ready("2.13.0"), Output(b"epoch 1\r\n"), Progress(1234, site, ProgramPhase.RUNNING)
    ) as screen:
        await screen.until(lambda: "epoch 1" in screen.app.main.output.line(0, 80).plain)
        assert "1,234 torch calls" in screen.header
        assert f"running at train.py:{site.line}" in screen.headline


async def test_a_long_run_says_how_far_it_has_come_in_as_many_words_as_there_is_room_for() -> None:
    running = partial(Progress, 123_456, None, ProgramPhase.RUNNING)
    for training, size, words in (
        (Training(1204, 1203, 0.34567), (120, 40), "backward 1,204   step 1,203   loss 0.3457"),
        (Training(1204, 1203, 0.34567), (50, 24), "loss 0.3457"),
        (Training(1204), (120, 40), "123,456 torch calls   backward 1,204   0 s"),
    ):
        async with shown(Ready("2.13.0"), running(training=training), size=size) as screen:
            await screen.until(lambda screen=screen, words=words: words in screen.header)


async def test_at_the_end_the_header_has_the_last_backward_step_and_loss() -> None:
    snapshot, _ = silent_numpy()
    last = replace(snapshot.stop, kind=StopKind.BACKWARD, index=7, loss=0.125)
    optimizers = tuple(replace(optimizer, steps=7) for optimizer in snapshot.optimizers)
    end = replace(
        snapshot,
        stop=Stop(1, StopKind.END, NONE),
        stops=(*snapshot.stops, last),
        optimizers=optimizers,
        graph=None,
    )
    running = Progress(99, None, ProgramPhase.RUNNING, training=Training(3, 2, 0.5))
    async with shown(Ready("2.13.0"), running, Seen(end), Ended(Outcome(0)), size=(200, 60)) as screen:
        await screen.until(lambda: "loss 0.125" in screen.header)
        assert "backward 7" in screen.header


@pytest.mark.parametrize(
    ("width", "words"),
    [(80, "running at train.py:30"), (60, "running  "), (40, "running")],  # at 40 there is room for neither
)
async def test_steps_and_loss_matter_more_than_the_line_where_a_program_runs(width: int, words: str) -> None:
    snapshot, _ = silent_numpy()
    site = snapshot.trace.sites[snapshot.stop.site]
    gone_on = Progress(9, site, ProgramPhase.RUNNING, training=Training(34, 34, 2.308))
    async with stopped(gone_on, size=(width, 20)) as screen:
        await screen.press("c")
        await screen.until(lambda: words in screen.header)
        assert bool(re.search(r"step 34   loss 2\.308   \d+ s", screen.header)) is (width > 40)


async def test_nothing_but_the_output_can_be_reached_before_the_stop() -> None:
    async with shown(Ready("2.13.0")) as screen:
        await screen.press("5")

        assert "before the first stop" in screen.notice
        assert screen.focused == "output"


# at the stop


async def test_at_the_stop_the_header_counts_and_the_headline_names_the_line() -> None:
    async with stopped() as screen:
        assert "stopped before backward 1 at train.py:30" in screen.header
        assert "1 reached" in screen.header
        assert "4 cut off" in screen.header
        assert screen.headline.startswith("✗ train.py:27  out went through NumPy")


@pytest.mark.parametrize("width", [80, 100, 120, 200])
async def test_the_header_has_room_for_what_is_cut_off_at_every_width(width: int) -> None:
    async with stopped(size=(width, 24)) as screen:
        assert "cut off" in screen.header


async def test_it_opens_on_the_row_of_the_first_finding_with_its_source_lit() -> None:
    async with stopped() as screen:
        assert screen.words == "pred"
        source = screen.app.main.query_one(Source)
        assert source.site is not None
        assert source.site.line == 27
        assert screen.focused == "graph"


async def test_where_panes_take_turns_the_line_of_the_finding_is_seen_and_its_sentence_once() -> None:
    async with stopped(size=(80, 24)) as screen:
        drawn = "\n".join(screen.drawn)
        assert drawn.count("went through NumPy") == 1
        assert "pred = torch.from_numpy(out.detach().numpy())" in drawn

        await screen.pilot.resize_terminal(120, 40)
        await screen.until(lambda: "fix" in "\n".join(screen.drawn))


async def test_where_panes_take_turns_one_that_was_brought_to_the_front_stays_there() -> None:
    async with stopped(size=(80, 24)) as screen:
        await screen.press("4", "escape", "j")

        assert "fix" in "\n".join(screen.drawn)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60), (100, 30), (40, 10)])
async def test_every_size_shows_the_graph_and_no_pane_lies_over_another(size: tuple[int, int]) -> None:
    async with stopped(size=size) as screen:
        regions = [child.region for child in screen.app.main.children if child.display and child.region.area]
        assert screen.app.main.graph.region.area > 0
        assert sum(region.area for region in regions) == size[0] * size[1]
        assert not any(
            one.overlaps(other) for index, one in enumerate(regions) for other in regions[index + 1 :]
        )


async def test_a_terminal_too_small_says_so_and_recovers_when_it_grows() -> None:
    async with stopped(size=(20, 5)) as screen:
        assert not screen.app.main.graph.display
        await screen.pilot.resize_terminal(120, 40)
        await screen.pilot.pause()

        assert screen.app.main.graph.display
        assert screen.focused == "graph"


async def test_the_details_follow_the_cursor_and_say_what_is_unknown() -> None:
    async with stopped() as screen:
        assert "cut off from this backward" in screen.text(Details)
        await screen.press("g")

        assert "MseLossBackward0" in screen.text(Details)
        assert "the tensor is gone" in screen.text(Details)


async def test_the_details_of_a_parameter_name_its_optimizer_and_why_it_is_cut_off() -> None:
    async with stopped() as screen:
        await screen.press("G")

        assert screen.words == "fc1.bias"
        details = screen.text(Details)
        assert "cut off: numpy_roundtrip at train.py:27" in " ".join(details.split())
        assert "optimizer (SGD), group 0" in details


# moving


async def test_a_diagnosis_that_fails_leaves_the_graph_and_says_so() -> None:
    snapshot, _ = silent_numpy()

    def failing(*_: object) -> tuple[Finding, ...]:
        raise ZeroDivisionError("in a rule")

    feed = MadeUp(Stopped(snapshot))
    app = GradApp(LAUNCH, feed, script="train.py", diagnose=failing)
    async with app.run_test(size=MEDIUM) as pilot:
        screen = Shown(app, feed, pilot)
        await screen.until_stopped()
        assert screen.words
        assert "in a rule" in screen.notice
    app.transcript.close()


async def test_x_goes_to_the_cut() -> None:
    async with stopped() as screen:
        await screen.press("g", "x")

        assert screen.words == "out.detach"
        assert "cut 1 of 1" in str(screen.app.main.graph.border_title)

        await screen.press("j")
        assert "cut" not in str(screen.app.main.graph.border_title)


async def test_going_to_a_cut_lays_nothing_out_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out: list[Size] = []
    arrange = ScreenLayout.arrange

    def counted(self: ScreenLayout, parent: Widget, children: list[Widget], size: Size, **more: Any) -> Any:
        laid_out.append(size)
        return arrange(self, parent, children, size, **more)

    monkeypatch.setattr(ScreenLayout, "arrange", counted)
    async with stopped() as screen:
        await screen.press("g", "x")
        before = len(laid_out)
        await screen.press("g", "x")
        assert screen.words == "out.detach"
        assert len(laid_out) == before

        await screen.press("z")
        assert len(laid_out) > before


async def test_what_the_panes_say_of_a_row_is_what_stands_on_the_screen() -> None:
    async with stopped() as screen:
        details = screen.app.main.query_one(Details)
        for key in ("x", "j", "G", "k", "x", "g"):
            await screen.press(key)
            shown = "\n".join(screen.drawn)
            for index in range(min(details.count, details.inner.height)):
                assert details.line(index, 100).plain.rstrip() in shown


async def test_it_opens_on_a_finding_that_no_row_is_about_and_on_no_cut_that_nobody_blames() -> None:
    snapshot, (finding, *_) = silent_numpy()
    elsewhere = replace(finding, line=22, column=4, end_line=22, end_column=24, evidence=())
    async with shown(Stopped(snapshot), findings=(elsewhere,)) as screen:
        await screen.until_stopped()
        site = screen.app.main.query_one(Source).site
        assert site is not None
        assert site.line == 22
        assert screen.words != "out.detach"


async def test_a_finding_about_a_block_opens_on_what_it_has_cut_and_leads_there() -> None:
    snapshot, (finding, *_) = silent_numpy()
    inside = tuple(
        replace(one, what="computed here") for one in finding.evidence if one.what.startswith("`d")
    )
    block = replace(
        finding, rule=Rule.NO_GRAD, line=22, column=4, end_line=22, end_column=24, evidence=inside
    )
    async with shown(Stopped(snapshot), findings=(block,)) as screen:
        await screen.until_stopped()
        assert screen.words == "out.detach"
        site = screen.app.main.query_one(Source).site
        assert site is not None
        assert site.line == 22
        await screen.press("g", "4", "enter")
        assert screen.words == "out.detach"
        assert "what it has cut" in screen.notice
        await screen.press("g", "w")
        assert any("Tracking stops at" in line for line in screen.drawn)


async def test_in_a_loop_the_tree_stays_as_it_was_folded_and_the_cursor_where_it_was() -> None:
    first, _ = transformer(2)
    second = replace(first, stop=replace(first.stop, index=2))
    async with shown(Stopped(first)) as screen:
        await screen.until_stopped()
        await screen.press("plus", "j", "j", "j", "space")
        graph = screen.app.main.graph
        before = graph.count, graph.row, graph.cursor
        screen.feed.say(Stopped(second))
        await screen.until(lambda: screen.app.main.view and screen.app.main.view.snapshot is second)
        assert (graph.count, graph.row, graph.cursor) == before


async def test_of_autograd_grad_no_gradient_is_promised_to_every_parameter() -> None:
    snapshot, _ = transformer(1)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        assert "will get a gradient from this backward" in screen.headline
    snapshot = replace(snapshot, stop=replace(snapshot.stop, kind=StopKind.GRAD))
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        assert "autograd.grad gives what it is asked for" in screen.headline
        assert "will get" not in screen.headline


async def test_x_on_a_whole_graph_says_that_there_is_no_cut() -> None:
    snapshot, _ = transformer(1)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        await screen.press("x")

        assert screen.notice == "No cut in this tree."


async def test_j_and_k_and_the_arrows_move_by_a_row() -> None:
    async with stopped() as screen:
        await screen.press("g", "j", "down", "k")

        assert screen.words == "future"


async def test_space_folds_the_branches_of_a_row_and_unfolds_them_again() -> None:
    async with stopped() as screen:
        await screen.press("g")
        rows = screen.app.main.graph.count
        await screen.press("space")
        assert screen.app.main.graph.count == rows - 1
        await screen.press("space")

        assert screen.app.main.graph.count == rows


async def test_h_in_a_branch_goes_out_to_where_it_began() -> None:
    async with stopped() as screen:
        await screen.press("G", "h")

        assert screen.words == "fc1"


async def test_enter_on_a_reference_goes_to_where_the_node_stands() -> None:
    snapshot, _ = transformer(1)
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        graph = screen.app.main.graph
        view = screen.app.main.view
        assert view is not None
        reference = next(row for row in range(len(view.rows)) if view.rows.target(row) != row)
        graph.go_to(reference)
        await screen.press("enter")

        assert graph.row == view.rows.target(reference)


async def test_enter_on_a_row_goes_to_its_source_and_enter_on_the_line_comes_back() -> None:
    async with stopped() as screen:
        await screen.press("x", "enter")
        assert screen.focused == "source"
        await screen.press("j", "enter")

        assert screen.words == "loss"


async def test_searching_moves_while_one_types_and_n_goes_on() -> None:
    async with stopped() as screen:
        await screen.press("g", "slash", *"bias")
        assert screen.words == "fc2.bias"
        await screen.press("enter", "n")

        assert screen.words == "fc1.bias"
        assert screen.focused == "graph"


async def test_on_a_very_low_screen_the_pane_in_focus_has_all_the_room() -> None:
    async with stopped(size=(40, 10)) as screen:
        assert screen.app.main.graph.region.height >= 6
        for key, pane in (("5", "parameters"), ("tab", "output"), ("escape", "graph"), ("3", "source")):
            await screen.press(key)
            widget = screen.app.main.query_one(f"#{pane}")
            assert screen.focused == pane
            assert widget.display
            assert widget.region.height >= 6
        await screen.press("x")

        assert screen.focused == "graph"
        assert screen.app.main.graph.display


async def test_esc_while_searching_goes_back_to_where_one_was() -> None:
    async with stopped() as screen:
        await screen.press("g", "slash", *"bias", "escape")

        assert screen.words == "loss"


async def test_esc_while_searching_folds_again_what_the_search_has_unfolded() -> None:
    async with stopped() as screen:
        await screen.press("minus")
        before = screen.drawn[:-1]
        await screen.press("slash", *"fc1.bias")
        assert "1 of 1" in screen.drawn[-1]
        assert screen.drawn[:-1] != before
        await screen.press("escape")

        assert screen.drawn[:-1] == before


async def test_a_search_that_finds_nothing_any_more_leaves_nothing_unfolded() -> None:
    async with stopped() as screen:
        await screen.press("minus")
        before = screen.drawn[3:-1]  # but for the line above the pane, which tells that it has the focus
        await screen.press("slash", *"fc1.bias!")

        assert screen.drawn[3:-1] == before


async def test_while_searching_it_is_said_which_of_the_matches_this_is() -> None:
    async with stopped() as screen:
        await screen.press("g", "slash", *"bias")
        assert "1 of 2" in screen.drawn[-1]
        await screen.press("enter", "n")

        assert screen.notice == "'bias': 2 of 2"


async def test_a_notice_goes_with_the_next_key() -> None:
    async with stopped() as screen:
        await screen.press("g", "b")
        assert "Break set" in screen.notice
        assert "● 1 break" in screen.header
        await screen.press("j")

        assert not screen.notice


async def test_what_is_said_of_a_program_that_runs_goes_when_it_is_held() -> None:
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        await screen.press("c", "c")
        assert screen.notice == "It is running already."
        screen.feed.say(Stopped(snapshot))
        await screen.until(lambda: screen.app.status.held)

        assert not screen.notice


async def test_continuing_with_a_break_set_says_at_the_next_stop_what_goes_on_to_the_break() -> None:
    snapshot, findings = silent_numpy()
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        await screen.press("g", "b", "c")
        screen.feed.say(Stopped(snapshot))
        await screen.until(lambda: screen.app.status.held)

        assert screen.notice == "No break came true. c stops at every backward, C only at a break."


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_last_line_always_says_which_key_shows_all_keys(size: tuple[int, int]) -> None:
    async with stopped(size=size) as screen:
        assert screen.drawn[-1].rstrip().endswith("? keys  q quit")
        assert "C run on" in screen.drawn[-1]
        await screen.press("g", "b", "j")

        assert "C to a break" in screen.drawn[-1]


async def test_y_copies_the_words_of_a_row_without_signs_and_padding() -> None:
    async with stopped() as screen:
        await screen.press("g", "y")

        assert screen.notice.startswith("Copied: loss MseLossBackward0 () ")


async def test_searching_for_what_is_not_there_says_so_and_stays() -> None:
    async with stopped() as screen:
        await screen.press("g", "slash", *"nowhere", "enter")
        assert "'nowhere' isn't in this pane" in screen.notice
        await screen.press("j", "k", "n")

        assert screen.words == "loss"
        assert "'nowhere' isn't in this pane" in screen.notice


async def test_a_search_finds_rows_that_are_folded_away() -> None:
    async with stopped() as screen:
        await screen.press("minus", "g", "slash", *"fc1.bias", "enter")

        assert screen.words == "fc1.bias"


# panes


@pytest.mark.parametrize(
    ("key", "pane"),
    [
        ("1", "graph"),
        ("2", "node"),
        ("3", "source"),
        ("4", "findings"),
        ("5", "parameters"),
        ("6", "output"),
        ("7", "stops"),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_each_number_brings_its_pane_to_the_front(key: str, pane: str, size: tuple[int, int]) -> None:
    async with stopped(size=size) as screen:
        await screen.press(key)

        assert screen.focused == pane
        assert screen.app.main.query_one(f"#{pane}").region.area > 0


async def test_tab_goes_round_the_panes_that_are_shown() -> None:
    async with stopped() as screen:
        seen = [screen.focused]
        for _ in range(4):
            await screen.press("tab")
            seen.append(screen.focused)

        assert seen == ["graph", "node", "source", "findings", "graph"]


async def test_z_gives_a_pane_the_whole_screen_and_takes_it_back() -> None:
    async with stopped() as screen:
        small = screen.app.main.graph.size
        await screen.press("z")
        assert screen.app.main.graph.size.width > small.width
        assert not screen.app.main.query_one(Source).display
        await screen.press("z")

        assert screen.app.main.graph.size == small


async def test_enter_on_a_finding_goes_to_its_row() -> None:
    async with stopped() as screen:
        await screen.press("g", "4", "g", "enter")

        assert screen.words == "pred"
        assert screen.focused == "graph"


async def test_enter_on_a_step_of_the_proof_goes_to_that_step() -> None:
    async with stopped() as screen:
        await screen.press("4")
        findings = screen.app.main.query_one(Findings)
        findings.cursor = next(
            index for index, line in enumerate(findings.lines) if "train.py:28" in line.text.plain
        )
        await screen.press("enter")

        assert screen.words == "loss"


async def test_a_finding_is_shown_in_full() -> None:
    async with stopped() as screen:
        text = screen.text(Findings)

        assert "numpy_roundtrip  train.py:27" in text
        assert "Use out itself: pred = out." in text
        assert "detach drops the graph of out" in text
        assert "fc1 (weight, bias), fc2 (weight, bias)" in text


async def test_the_next_finding_is_brought_into_sight_as_a_whole() -> None:
    snapshot, (finding,) = silent_numpy()
    findings = (
        finding,
        replace(finding, line=28, fix="Another fix.", affected=("the last of it",), evidence=()),
    )
    async with shown(Stopped(snapshot), findings=findings, size=(100, 32)) as screen:
        await screen.until_stopped()
        pane = screen.app.main.query_one(Findings)
        assert len(pane.lines) > pane.inner.height
        await screen.press("4", "}")
        assert "train.py:28" in pane.lines[pane.cursor].text.plain
        drawn = " ".join(screen.drawn)
        assert "train.py:28" in drawn
        assert "the last of it" in drawn


async def test_parameters_say_whether_they_are_reached_and_why_not() -> None:
    async with stopped() as screen:
        lines = screen.text(Parameters).splitlines()

        assert sum("cut off" in line and "train.py:27  numpy_roundtrip" in line for line in lines) == 4
        assert sum("future" in line and "reached" in line for line in lines) == 1


async def test_enter_on_a_parameter_goes_to_its_row() -> None:
    async with stopped() as screen:
        await screen.press("5", "enter")

        assert screen.words == "fc1.weight"


async def test_stops_list_every_backward_with_its_loss() -> None:
    async with stopped() as screen:
        assert "backward 1" in screen.text(Stops)
        assert "0.4812" in screen.text(Stops)


async def test_the_curve_of_losses_is_of_one_loss_where_there_are_several() -> None:
    run = Program("fake.backward()\nreal.backward()\n")
    weight = run.parameter("weight", (3,))
    for _ in range(3):
        for line in ("real.backward()", "fake.backward()"):
            loss = run.op("Tensor.sum", [weight], (), node="SumBackward0")
            snapshot = run.backward(loss, line)
    losses = (100.0, 1.0, 100.0, 2.0, 100.0, 3.0)
    stops = tuple(replace(one, loss=loss) for one, loss in zip(snapshot.stops, losses, strict=True))
    async with shown(Stopped(replace(snapshot, stop=stops[-1], stops=stops))) as screen:
        await screen.until_stopped()

        pane = screen.app.main.query_one(Stops)
        assert pane.line(0, 118).plain.endswith("   loss at train.py:1 ▁▅█")
        assert pane.line(0, 78).plain.rstrip().endswith("nodes")  # where there is no room for it
    alone = tuple(one for one in stops if one.site == stops[-1].site)
    async with shown(Stopped(replace(snapshot, stop=stops[-1], stops=alone))) as screen:
        await screen.until_stopped()

        assert screen.app.main.query_one(Stops).line(0, 118).plain.endswith("   loss ▁▅█")


async def test_stops_are_filtered_and_sorted_and_only_those_a_finding_names_are_called_cut_off() -> None:
    snapshot, (finding,) = silent_numpy()
    partial = replace(snapshot.stop, index=2, site=0, loss=0.25)
    again = replace(snapshot.stop, index=3)
    snapshot = replace(snapshot, stops=(snapshot.stop, partial, again), stop=again)
    async with shown(Stopped(snapshot), findings=(finding,)) as screen:
        await screen.until_stopped()
        _, third, second, first = screen.text(Stops).splitlines()
        assert "✗ 4 of 5 cut off" in first
        assert "✗ 4 of 5 cut off" in third
        assert "1 of 5 reached" in second
        assert "✗" not in second

        await screen.press("7", "S", "S", "S")
        assert screen.notice == "Sorted by loss."
        assert "backward 2" in screen.text(Stops).splitlines()[3]
        await screen.press("F", *"0.25", "enter")
        assert "1 of 3 with '0.25'" in screen.text(Stops)


# the program


async def test_c_lets_the_program_go_on_to_the_next_stop() -> None:
    snapshot, findings = silent_numpy()
    second = replace(snapshot, stop=replace(snapshot.stop, index=2))
    async with shown(Stopped(snapshot), Stopped(second), findings=findings) as screen:
        await screen.until_stopped()
        await screen.press("c")
        await screen.until(lambda: "backward 2" in screen.header)

        assert screen.feed.sent == [Command(Act.CONTINUE)]


async def test_when_the_program_has_ended_the_last_view_stays_and_the_status_is_told() -> None:
    async with stopped(Output(b"done\r\n"), Ended(Outcome(5))) as screen:
        await screen.press("c")
        await screen.until(lambda: screen.app.outcome is not None)

        assert "ended with status 5" in screen.header
        assert screen.app.main.graph.count > 0


async def test_an_exception_is_shown_with_its_traceback() -> None:
    run = Program("out = net(features)\n")
    weight = run.parameter("w", (3,))
    snapshot = run.exception("RuntimeError", "shapes cannot be multiplied", "net(features)", [weight])
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()

        assert "RuntimeError" in screen.header
        assert "shapes cannot be multiplied" in screen.headline
        assert "Traceback" in screen.text(Findings)


async def test_what_was_raised_can_be_read_to_its_end() -> None:
    run = Program("out = net(features)\n")
    message = f"shapes cannot be multiplied, {'as one has other columns than the other rows, ' * 4}the end"
    snapshot = run.exception("RuntimeError", message, "net(features)", [run.parameter("w", (3,))])
    async with shown(Stopped(snapshot), size=(100, 40)) as screen:
        await screen.until_stopped()
        await screen.press("4", "z", "G")

        drawn = " ".join(screen.drawn).replace("▌", " ")
        assert f"RuntimeError: {message}" in " ".join(drawn.split())


async def test_a_script_that_ends_without_backward_is_shown_with_what_is_known() -> None:
    run = Program("")
    run.parameter("w", (3,))
    async with shown(Stopped(run.end())) as screen:
        await screen.until_stopped()

        assert "without calling backward" in screen.headline


async def test_a_program_of_which_nothing_was_seen_closes_the_screen_when_it_ends() -> None:
    async with shown(Output(b"no torch here\r\n"), Ended(Outcome(3))) as screen:
        await screen.until(lambda: not screen.app.is_running)

        assert screen.app.outcome == Outcome(3)


async def test_a_flood_of_output_keeps_its_end_in_sight_and_the_keys_alive() -> None:
    lines = b"".join(b"line %d\r\n" % number for number in range(100_000))
    chunks = [Output(lines[start : start + 4096]) for start in range(0, len(lines), 4096)]
    async with shown(*chunks) as screen:
        output = screen.app.main.output
        await screen.until(lambda: any("line 99999" in output.line(i, 80).plain for i in range(output.count)))
        await screen.press("question_mark")

        assert screen.app.screen is not screen.app.main
        assert screen.app.transcript.size == len(lines)


async def test_typing_in_the_output_pane_goes_to_the_program_until_esc() -> None:
    async with shown(Output(b"name? ")) as screen:
        await screen.press("i", "A", "d", "a", "q", "tab", "enter", "escape")
        assert screen.feed.typed == b"Adaq\t\r"
        await screen.press("question_mark")

        assert screen.feed.typed == b"Adaq\t\r"


async def test_ctrl_c_while_typing_goes_to_the_program_and_elsewhere_explains_itself() -> None:
    async with shown(Output(b"busy")) as screen:
        await screen.press("ctrl+c")
        assert "Ctrl+C is off here: q quits." in screen.notice
        await screen.press("6", "i", "ctrl+c")

        assert screen.feed.typed == b"\x03"


async def test_q_asks_while_the_program_runs_and_esc_stays() -> None:
    async with stopped() as screen:
        await screen.press("q")
        assert screen.app.screen is not screen.app.main
        await screen.press("escape")

        assert screen.app.screen is screen.app.main
        assert not screen.feed.killed


async def test_q_twice_ends_the_program_and_waits_for_its_end() -> None:
    async with stopped() as screen:
        await screen.press("q", "q")
        await screen.until(lambda: not screen.app.is_running)

        assert screen.feed.killed
        assert screen.app.outcome == Outcome(143, 15)


async def test_r_leaves_and_lets_the_program_run_on() -> None:
    async with stopped() as screen:
        await screen.press("q", "r")
        await screen.until(lambda: not screen.app.is_running)

        assert screen.app.let_run
        assert not screen.feed.killed


async def test_q_leaves_at_once_when_the_program_has_ended() -> None:
    async with stopped(Ended(Outcome(0))) as screen:
        await screen.press("c")
        await screen.until(lambda: screen.app.outcome is not None)
        await screen.press("q")
        await screen.until(lambda: not screen.app.is_running)


async def test_q_asks_nothing_where_the_program_is_held_at_its_end() -> None:
    async with shown(Stopped(Program("").end())) as screen:
        await screen.until_stopped()
        await screen.press("q")
        await screen.until(lambda: not screen.app.is_running)

        assert screen.app.let_run  # its status is its own
        assert not screen.feed.killed


async def test_everything_printed_is_kept_for_the_terminal() -> None:
    async with shown(Output(b"one\r\n"), Output(b"two\r\n")) as screen:
        await screen.until(lambda: screen.app.transcript.size == 10)


# help and copying


async def test_the_help_fits_on_one_small_screen_and_goes_away() -> None:
    async with stopped(size=(80, 24)) as screen:
        await screen.press("question_mark")
        keys = screen.app.screen.children[0]
        assert keys.region.height <= 24
        assert keys.region.width <= 80
        assert "Next or previous cut" in str(screen.app.screen.query_one(Keys).render())
        assert str(keys.render()).count("\n") < keys.region.height - 2
        await screen.press("escape")

        assert screen.app.screen is screen.app.main


async def test_y_copies_the_finding_as_one_line_with_its_place() -> None:
    async with stopped() as screen:
        await screen.press("4", "y")

        assert screen.app.clipboard.startswith("/home/ada/ranker/train.py:27:16: numpy_roundtrip: ")


async def test_a_view_without_rows_is_no_trouble() -> None:
    async with shown(Stopped(Program("").end())) as screen:
        await screen.until_stopped()
        await screen.press("j", "x", "space", "h", "l", "enter", "n", "y", "z", "z", "minus", "plus")

        assert screen.app.main.graph.row == NONE


def test_rows_are_put_into_words_only_when_they_are_looked_at() -> None:
    from gradtui.tui.view import view

    snapshot, _ = transformer(12)
    made = view([snapshot], lambda *_: ())

    assert made.labels._said == {}


async def test_a_key_of_a_pane_leaves_the_way_to_a_row_for_that_pane() -> None:
    async with stopped() as screen:
        await screen.press("G", "w")
        way = screen.app.screen
        assert isinstance(way, PathScreen)
        assert not way.steps.line(0, 100).plain.lstrip()[0].isdigit()  # it would look like a key for its row
        assert any("1…9: a pane" in line for line in screen.drawn)
        await screen.press("5")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert screen.focused == "parameters"
        await screen.press("w", "2")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)
        assert screen.focused == "node"


@pytest.mark.parametrize("opener", ["w", "question_mark", "B", "colon", "q", "ctrl+p"])
async def test_under_a_screen_above_the_last_line_offers_no_keys_that_do_nothing_there(opener: str) -> None:
    async with stopped() as screen:
        assert "continue" in screen.drawn[-1]
        await screen.press(opener)
        await screen.until(lambda: screen.app.screen is not screen.app.main)
        await screen.until(lambda: screen.app.main.query_one(Footer).hints == ())
        assert "continue" not in screen.drawn[-1]
        await screen.press("escape")
        await screen.until(lambda: len(screen.app.screen_stack) == 1)

        await screen.until(lambda: "continue" in screen.drawn[-1])


async def test_the_node_pane_says_of_a_version_that_nothing_was_written_since() -> None:
    async with stopped() as screen:
        assert "0, unchanged since it was made" in " ".join(screen.text(Details).split())


async def test_the_node_pane_says_of_a_view_made_under_no_grad_what_its_requires_grad_means() -> None:
    run = Program("seen = weight[0]\nloss = (seen + weight).sum()\nloss.backward()\n")
    weight = run.parameter("weight", (3,))
    seen = run.op("Tensor.__getitem__", [weight], (), at="weight[0]", tracked=False)
    run.values[seen]["flags"] |= ValueFlag.APART
    both = run.op("torch.add", [seen, weight], (3,), at="seen + weight", node="AddBackward0")
    loss = run.op("torch.sum", [both], (), at="(seen + weight).sum()", node="SumBackward0")
    async with shown(Stopped(run.backward(loss, "loss.backward()"))) as screen:
        await screen.until_stopped()
        await screen.press("x")

        said = " ".join(screen.text(Details).split())
        assert "a leaf: a view made under no_grad, so no gradient goes further" in said
