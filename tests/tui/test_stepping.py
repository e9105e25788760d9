"""Stepping through a backward on the whole screen, on a program that is made up."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial

import pytest

from gradtui.diagnosis.engine import diagnose
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.columns import NONE
from gradtui.model.gradients import GradSummary, Passed
from gradtui.model.messages import Act, Answer, Command, Evaluate, Ready, Reason, Show, Stepped, Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Raised, StopKind
from gradtui.tui.breaks import ELSEWHERE
from gradtui.tui.screens.breaks import BreaksScreen
from gradtui.tui.screens.evaluate import EvaluateScreen
from gradtui.tui.screens.value import ValueScreen
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.headline import Headline
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.source import Source
from tests.builders import Program
from tests.tui.feeds import Engine, gradient
from tests.tui.programs import transformer
from tests.tui.showing import MEDIUM, Shown, showing

SOURCE = """\
hidden = torch.relu(self.fc1(x))
out = self.fc2(hidden)
size = torch.sqrt(out)
loss = size.mean()
loss.backward()
"""


def program() -> Snapshot:
    """Two layers; nodes 0 mean, 1 sqrt, 2 addmm, then biases, relu, and the first layer."""
    run = Program(SOURCE)
    fc1 = (run.parameter("fc1.weight", (8, 4)), run.parameter("fc1.bias", (8,)))
    fc2 = (run.parameter("fc2.weight", (1, 8)), run.parameter("fc2.bias", (1,)))
    run.optimizer("SGD", [*fc1, *fc2])
    hidden = run.linear("fc1", run.data((2, 4)), 8, "self.fc1(x)", fc1)
    hidden = run.op("torch.relu", [hidden], (2, 8), at="torch.relu(self.fc1(x))", node="ReluBackward0")
    out = run.linear("fc2", hidden, 1, "self.fc2(hidden)", fc2)
    size = run.op("torch.sqrt", [out], (2, 1), at="torch.sqrt(out)", node="SqrtBackward0")
    loss = run.op("Tensor.mean", [size], (), at="size.mean()", node="MeanBackward0")
    return run.backward(loss, "loss.backward()")


def offered(screen: Shown) -> set[str]:
    return {hint.action for hint in screen.app.main.query_one(Footer).hints}


def node(snapshot: Snapshot, name: str) -> int:
    graph = snapshot.graph
    assert graph is not None
    return next(number for number in range(len(graph)) if graph.node_name(number) == name)


@asynccontextmanager
async def held(
    *,
    sends: dict[str, GradSummary] | None = None,
    raises: dict[str, str] | None = None,
    writer: int = NONE,
    size: tuple[int, int] = MEDIUM,
) -> AsyncIterator[tuple[Shown, Engine]]:
    """Held before the backward of the program; what nodes send, and which raise, by name."""
    snapshot = program()
    engine = Engine(
        snapshot,
        Stopped(snapshot),
        sends={node(snapshot, name): value for name, value in (sends or {}).items()},
        raises={node(snapshot, name): value for name, value in (raises or {}).items()},
        writer=writer,
    )
    async with showing(engine, diagnose=diagnose, size=size) as screen:
        await screen.until_stopped()
        yield screen, engine


async def stepped(screen: Shown, count: int = 1) -> None:
    """Press `s` and wait for each step."""
    for _ in range(count):
        before = screen.app.main.passage.last
        await screen.press("s")
        await screen.until(lambda before=before: screen.app.main.passage.last is not before)


async def test_a_step_shows_the_next_node_and_how_far_backward_is() -> None:
    async with held() as (screen, engine):
        await stepped(screen, 2)

        assert engine.sent[-1] == Command(Act.STEP)
        assert "backward 1, 2 of 11 nodes, before AddmmBackward0 at train.py:2" in screen.header
        assert screen.words == "out"
        main = screen.app.main
        lines = [main.graph.line(index, 70).plain for index in range(main.graph.count)]
        assert any("▶" in line and "AddmmBackward0" in line for line in lines)
        assert "before" not in screen.headline


async def test_the_norm_stands_beside_each_row_that_was_passed() -> None:
    async with held(sends={"MeanBackward0": gradient(0.125)}) as (screen, _):
        await stepped(screen, 2)
        text = [screen.app.main.graph.line(index, 90).plain for index in range(3)]

        assert "MeanBackward0" in text[0]
        assert " 1 " in text[0]
        assert "0.125" in text[1]
        assert "0.125" not in text[2]


async def test_the_node_pane_tells_what_was_received_and_sent() -> None:
    async with held() as (screen, _):
        await stepped(screen)
        assert "handed" in screen.text(Details)

        await screen.press("k")
        assert "received" in screen.text(Details)
        assert "→ SqrtBackward0" in screen.text(Details)

        await screen.press("G")
        assert "Backward hasn't been here yet." in screen.text(Details)


async def test_to_the_row_under_the_cursor_goes_to_its_node() -> None:
    async with held() as (screen, engine):
        row = next(
            row
            for row in range(screen.app.main.graph.count)
            if "ReluBackward0" in screen.app.main.graph.line(row, 90).plain
        )
        screen.app.main.graph.cursor = row
        await screen.press("t")
        await screen.until(lambda: screen.app.main.passage.begun)

        assert engine.sent[-1] == Command(Act.TO, node(program(), "ReluBackward0"))
        assert "before ReluBackward0" in screen.header

        await screen.press("g", "t")
        assert "been through it already" in screen.notice


async def test_over_and_finish_are_said_and_the_end_is_told() -> None:
    async with held() as (screen, engine):
        await screen.press("o")
        await screen.until(lambda: screen.app.main.passage.steps == 3)
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.ended)

        assert [message for message in engine.sent if isinstance(message, Command)] == [
            Command(Act.OVER),
            Command(Act.FINISH),
        ]
        assert "backward 1 has ended, 11 of 11 nodes" in screen.header
        assert "to-row" not in offered(screen)
        await screen.press("s")
        assert "c goes on to the next stop" in screen.notice


async def test_a_held_down_key_sends_no_second_step_before_the_first_is_answered() -> None:
    async with held() as (screen, engine):
        engine.answering = False
        for _ in range(20):
            await screen.press("s")
        assert engine.sent == [Command(Act.STEP)]

        engine.answering = True
        engine.answer(Command(Act.STEP))
        await screen.until(lambda: screen.app.main.passage.steps == 2)
        assert engine.sent == [Command(Act.STEP)] * 2


async def test_the_next_stop_begins_anew() -> None:
    async with held() as (screen, engine):
        await stepped(screen, 3)
        await screen.press("c")
        await screen.until(lambda: not screen.app.main.passage.begun)

        assert engine.sent[-1] == Command(Act.CONTINUE)
        assert "stopped before backward 1" in screen.header


async def test_a_pause_is_asked_for_while_it_runs() -> None:
    async with held() as (screen, engine):
        await screen.press("p")
        assert "held already" in screen.notice
        engine.coming.clear()
        await screen.press("C", "p")

        assert engine.sent == [Command(Act.RUN), Command(Act.PAUSE)]


# the past


async def test_the_past_is_shown_as_the_past_and_left_by_escape() -> None:
    async with held() as (screen, engine):
        await stepped(screen, 3)
        await screen.press("left_square_bracket")

        assert "the past: after 2 of 3 steps seen" in screen.headline
        assert "esc: now" in screen.headline
        assert "to-row" not in offered(screen)
        assert "2 of 11 nodes, before AddmmBackward0" in screen.header
        await screen.press("left_square_bracket")
        assert "1 of 11 nodes, before SqrtBackward0" in screen.header
        assert len(engine.sent) == 3

        await screen.press("escape")
        assert "the past" not in screen.headline
        assert "3 of 11 nodes" in screen.header
        assert "to-row" in offered(screen)


async def test_a_step_in_the_past_only_comes_back_to_now() -> None:
    async with held() as (screen, engine):
        await stepped(screen, 3)
        await screen.press("left_square_bracket", "s")

        assert len(engine.sent) == 3
        assert "this is now" in screen.notice
        assert "3 of 11 nodes" in screen.header


async def test_back_without_a_step_says_that_nothing_was_seen() -> None:
    async with held() as (screen, _):
        await screen.press("left_square_bracket")
        assert "s steps" in screen.notice


# breaks, an exception, findings


async def test_b_sets_a_break_on_the_row_and_takes_it_away() -> None:
    async with held() as (screen, engine):
        await screen.press("b")
        assert "Break set: node MeanBackward0 at train.py:4" in screen.notice
        await screen.press("s")
        sent = engine.sent[-1]
        assert isinstance(sent, Command)
        (condition,) = sent.breaks
        assert screen.app.main.graph.flagged(0)
        assert not screen.app.main.graph.flagged(1)
        assert (condition.kind, condition.name, condition.line) == (BreakKind.NODE, "MeanBackward0", 4)

        screen.app.main.graph.cursor = 0
        await screen.press("b", "f")
        await screen.until(lambda: screen.app.main.passage.ended)
        assert engine.sent[-1] == Command(Act.FINISH)


async def test_b_sets_a_break_on_a_parameter_and_on_a_line() -> None:
    async with held() as (screen, _):
        await screen.press("5", "b")
        assert "Break set: param fc1.weight" in screen.notice
        await screen.press("3", "b")
        assert "Break set: train.py:4" in screen.notice
        assert [item.kind for item in screen.app.main.breaks.active] == [BreakKind.PARAMETER, BreakKind.LINE]


async def test_a_break_that_is_set_while_it_runs_is_told_to_the_program_at_once() -> None:
    async with held() as (screen, engine):
        engine.coming.clear()
        await screen.press("C", "j", "b")
        (condition,) = screen.app.main.breaks.active
        told = [Command(Act.RUN), Command(Act.ARM, breaks=(condition,))]
        await screen.until(lambda: engine.sent[-2:] == told)

        await screen.press("B", "space")
        await screen.until(lambda: engine.sent[-1] == Command(Act.ARM))


async def test_breaks_of_the_run_before_are_told_to_the_program_as_it_begins() -> None:
    async with held() as (screen, engine):
        await screen.press("B", *"nan", "enter", "escape", "C")
        engine.say(Ready("2.13.0"))
        armed = Command(Act.ARM, breaks=(Break(BreakKind.NONFINITE),))
        await screen.until(lambda: engine.sent[-1] == armed)


async def test_breaks_are_typed_switched_off_and_taken_away() -> None:
    async with held() as (screen, _):
        await screen.press("B", *"nan", "enter")
        await screen.press(*"module", "space", *"fc9", "enter")
        breaks = screen.app.screen
        assert isinstance(breaks, BreaksScreen)
        assert "no module 'fc9'" in breaks.complaint.render().plain
        assert breaks.prompt.typed == "module fc9"

        await screen.press("backspace", "2", "enter", "tab", "g", "space")
        assert screen.app.main.breaks.active == (Break(BreakKind.MODULE, "fc2"),)
        assert "○ off" in breaks.list.line(0, 80).plain
        await screen.press("d", "escape")
        assert [item.condition.kind for item in screen.app.main.breaks.kept] == [BreakKind.MODULE]


async def test_a_break_where_this_graph_has_no_node_is_set_and_said_to_wait() -> None:
    async with held() as (screen, _):
        await screen.press("B", *"train.py:4", "enter")
        breaks = screen.app.screen
        assert isinstance(breaks, BreaksScreen)
        assert ELSEWHERE not in breaks.complaint.render().plain
        await screen.press(*"train.py:9999", "enter")
        assert ELSEWHERE in breaks.complaint.render().plain
        await screen.press("escape", "3", "G", "b")
        assert ELSEWHERE in screen.notice
        assert len(screen.notice) < 80  # so that a small terminal has room for it

        assert [item.line for item in screen.app.main.breaks.active] == [4, 9999, 5]


async def test_the_dialog_of_breaks_names_the_keys_of_the_part_in_focus() -> None:
    async with held() as (screen, _):
        await screen.press("B")
        assert any("enter: add" in line for line in screen.drawn)
        assert not any("a: add" in line or "a types" in line for line in screen.drawn)
        await screen.press("tab")
        assert any("a: add" in line for line in screen.drawn)
        assert any("new a types one here" in " ".join(line.split()) for line in screen.drawn)
        await screen.press("a", *"nan", "enter")

        assert screen.app.main.breaks.active == (Break(BreakKind.NONFINITE),)


async def test_what_is_typed_after_a_refused_break_takes_its_place() -> None:
    async with held() as (screen, _):
        await screen.press("B", *"nonsense", "enter", *"nan", "enter")

        assert screen.app.main.breaks.active == (Break(BreakKind.NONFINITE),)


async def test_a_break_by_value_lights_the_node_that_made_it() -> None:
    async with held(sends={"SqrtBackward0": gradient(nans=2)}) as (screen, engine):
        engine.run(2, Reason.BREAK, Break(BreakKind.NONFINITE))
        await screen.until(lambda: screen.app.main.passage.begun)

        assert screen.headline.startswith(
            "● break nan: SqrtBackward0 at train.py:3 was handed 1 and sent ✗NaN"
        )
        assert screen.words == "size"


async def test_a_break_at_a_symptom_names_the_line_that_brought_it_about() -> None:
    async with held(sends={"SqrtBackward0": gradient(nans=2)}) as (screen, engine):
        engine.run(2, Reason.BREAK, Break(BreakKind.NONFINITE))
        await screen.until(lambda: "nan_gradient" in screen.text(Findings))
        shown = screen.app.main.view
        assert shown is not None
        cause = replace(next(one for one in shown.findings if one.loud), line=1)
        screen.app.main.view = replace(shown, findings=(cause,))
        await screen.pilot.pause()

        assert screen.headline.startswith(
            "● break nan, brought about at train.py:1: SqrtBackward0 at train.py:3"
        )


async def test_a_break_by_norm_names_the_gradient_that_crossed_the_bound_as_the_node_pane_does() -> None:
    async with held() as (screen, engine):
        addmm = engine.order[2]
        first, *others = engine.graph.edges[addmm]
        assert first != NONE
        engine.run(2, Reason.STEP)
        grads = (gradient(0.25), *(gradient(0.75) for _ in others))
        passed = Passed(addmm, (gradient(0.125),), grads, 3)
        engine.say(Stepped((passed,), first, 3, Reason.BREAK, broke=Break(BreakKind.ABOVE, bound=0.5)))
        await screen.until(lambda: screen.app.main.passage.steps == 3)
        name = screen.headline.partition(" and sent 0.75 to ")[2].split()[0]

        assert "● break norm > 0.5: AddmmBackward0 at train.py:2 was handed 0.125" in screen.headline
        assert re.search(rf"→ {name} .* 0.75", screen.text(Details))


async def test_a_finding_appears_as_it_is_proven_and_the_list_keeps_its_place() -> None:
    async with held(sends={"SqrtBackward0": gradient(nans=2)}) as (screen, _):
        await stepped(screen, 2)
        await screen.until(lambda: "nan_gradient" in screen.text(Findings))

        assert "train.py:3" in screen.text(Findings)
        assert "Found: nan_gradient at train.py:3" in screen.notice
        await screen.press("4", "j")
        place = screen.app.main.query_one(Findings).cursor
        await screen.press("f")
        await screen.until(lambda: "fc1.weight" in screen.text(Findings))
        assert screen.app.main.query_one(Findings).cursor == place


async def test_an_exception_is_held_at_its_node_and_c_lets_the_script_have_it() -> None:
    error = "RuntimeError: one of the variables needed was modified\nand more"
    async with held(raises={"ReluBackward0": error}, writer=1) as (screen, engine):
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.raised)

        assert screen.headline.startswith("✗ RuntimeError, written by")
        assert "one of the variables needed was modified" in screen.headline
        assert "and more" not in screen.headline
        assert "raised in ReluBackward0 at train.py:1" in screen.header
        row = screen.app.main.graph.line(screen.app.main.graph.cursor, 90).plain
        assert "✗" in row
        await screen.press("s")
        assert "c lets the script have the exception" in screen.notice
        await screen.press("c")
        assert engine.sent[-1] == Command(Act.CONTINUE)


async def test_after_an_exception_the_norms_stay_and_the_cursor_on_the_row_that_failed() -> None:
    async with held(raises={"ReluBackward0": "RuntimeError: in place"}) as (screen, engine):
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.raised)
        failed, norms = screen.words, screen.text(Parameters).count("reached")
        view = screen.app.main.view
        assert view is not None
        assert norms
        before = view.snapshot
        raised = Raised("RuntimeError", "in place", (), "RuntimeError: in place\n", in_backward=True)
        stop = replace(before.stop, kind=StopKind.EXCEPTION)
        engine.coming[:] = [Stopped(replace(before, raised=raised, stop=stop))]
        await screen.press("c")
        await screen.until(lambda: screen.app.main.view.snapshot.raised is not None)  # type: ignore[union-attr]

        assert screen.words == failed
        assert "RuntimeError in backward" in screen.header
        assert " norm " in screen.text(Parameters).splitlines()[0]
        row = screen.app.main.graph.line(0, 100).plain
        assert re.search(r"MeanBackward0 +1 ", row)
        assert "✗" in screen.app.main.graph.line(screen.app.main.graph.cursor, 100).plain


async def test_a_backward_that_has_ended_is_not_said_to_be_still_to_come() -> None:
    async with held() as (screen, _):
        assert "will get a gradient" in screen.headline
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.ended)

        assert "Every one of the 4 parameters got a gradient from this backward." in screen.headline


async def test_the_node_pane_says_all_of_an_exception_as_wide_as_it_is() -> None:
    error = f"RuntimeError: {'one of the variables was modified ' * 6}in place"
    async with held(raises={"ReluBackward0": error}) as (screen, _):
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.raised)
        pane = screen.app.main.query_one(Details)
        lines = [line.plain for line in pane.lines[1:]]

        assert " ".join(lines).startswith(error)
        assert max(map(len, lines)) <= pane.inner.width - 2


async def test_a_long_name_takes_the_room_of_a_norm_until_there_is_one() -> None:
    async with showing(Engine(transformer(1)[0])) as screen:
        await screen.until_stopped()
        await stepped(screen)
        tree = screen.app.main.graph
        assert any("NativeLayerNormBackward0" in tree.line(index, 66).plain for index in range(tree.count))
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.ended)

        assert any(re.search("NativeLayer.*… 1 ", tree.line(index, 66).plain) for index in range(tree.count))


async def test_the_parameters_show_the_norms_that_arrived() -> None:
    async with held() as (screen, _):
        await screen.press("f")
        await screen.until(lambda: screen.app.main.passage.ended)

        pane = screen.app.main.query_one(Parameters)
        assert "norm" in pane.line(0, 110).plain
        assert "✓ reached" in pane.line(1, 110).plain
        assert " 1 " in pane.line(1, 110).plain


# values and expressions


async def test_v_shows_a_value_in_pages_and_its_gradient() -> None:
    async with held() as (screen, engine):
        await screen.press("v")
        shown = screen.app.screen
        assert isinstance(shown, ValueScreen)
        await screen.until(lambda: "nan" in shown.page.line(0, 80).plain)
        assert any("reverse" in str(span.style) for span in shown.page.line(0, 80).spans)
        assert "elements 0 to 2 of 4" in str(shown.page.border_subtitle)

        await screen.press("space")
        await screen.until(lambda: "4." in shown.page.line(0, 80).plain)
        await screen.press("tab")
        asked = [message for message in engine.sent if isinstance(message, Show)]
        assert [(message.offset, message.grad) for message in asked] == [(0, False), (3, False), (0, True)]


async def test_a_value_is_printed_anew_for_another_width() -> None:
    async with held() as (screen, engine):
        await screen.press("v")
        shown = screen.app.screen
        assert isinstance(shown, ValueScreen)
        await screen.until(lambda: "nan" in shown.page.line(0, 80).plain)
        await screen.pilot.resize_terminal(80, 24)
        await screen.until(lambda: sum(isinstance(message, Show) for message in engine.sent) > 1)

        asked = [message for message in engine.sent if isinstance(message, Show)]
        assert [(message.offset, message.width) for message in asked] == [(0, 115), (0, 75)]


async def test_the_gradient_that_the_next_node_is_handed_can_be_looked_at() -> None:
    async with held() as (screen, engine):
        await stepped(screen)
        await screen.press("v")

        asked = [message for message in engine.sent if isinstance(message, Show)][-1]
        assert (asked.tensor, asked.node) == (NONE, node(program(), "SqrtBackward0"))


async def test_at_the_node_that_made_nan_what_it_sent_is_shown_or_else_the_figures_of_it() -> None:
    async with held(sends={"SqrtBackward0": gradient(nans=2)}) as (screen, engine):
        engine.run(2, Reason.BREAK, Break(BreakKind.NONFINITE))
        await screen.until(lambda: screen.app.main.passage.begun)
        await screen.press("v")
        shown = screen.app.screen
        assert isinstance(shown, ValueScreen)
        first = shown.subjects[0]
        assert "that SqrtBackward0 sent" in first.title
        assert first.node == screen.app.main.passage.next_node
        await screen.press("tab")
        shown.answer(Answer(shown.request, "This tensor is gone.", error=True))
        said = "\n".join(line.plain for line in shown.page.lines)

        assert said.startswith("This tensor is gone.")
        assert "2 NaN" in said
        assert "handed" in said


async def test_why_a_value_cannot_be_shown_is_said_whole_on_a_small_screen() -> None:
    gone = (
        "RuntimeError: this tensor has no storage that could be copied from its device, and is shown nowhere."
    )
    async with held(size=(60, 20)) as (screen, _):
        await screen.press("v")
        shown = screen.app.screen
        assert isinstance(shown, ValueScreen)
        shown.answer(Answer(shown.request, gone, error=True))
        await screen.pilot.pause()

        drawn = " ".join(" ".join(line.strip(" │") for line in screen.drawn).split())
        assert gone in drawn


async def test_values_that_are_wider_than_the_screen_end_in_a_sign_that_there_is_more() -> None:
    async with held(size=(60, 20)) as (screen, _):
        await screen.press("v")
        shown = screen.app.screen
        assert isinstance(shown, ValueScreen)
        shown.answer(Answer(shown.request, f"tensor([{'0.1234, ' * 12}])", shown=13, total=13))
        await screen.pilot.pause()

        assert any("0.1234, " in line and "…" in line for line in screen.drawn)


async def test_the_prompt_names_only_examples_that_fit() -> None:
    async with held(size=(60, 20)) as (screen, _):
        await screen.press("colon")
        line = next(line for line in screen.drawn if "an expression" in line)

        assert "net.fc1.weight.grad.norm()" in line
        assert "[p" not in line


async def test_expressions_are_answered_and_remembered() -> None:
    async with held() as (screen, engine):
        await screen.press("colon", *"loss", "enter")
        shown = screen.app.screen
        assert isinstance(shown, EvaluateScreen)
        await screen.until(lambda: len(shown.answers.lines) == 2)
        await screen.press(*"wrong", "enter")
        await screen.until(lambda: len(shown.answers.lines) == 4)
        lines = shown.answers.lines
        assert lines[1].text == "value of loss"
        assert lines[3].text == "NameError: no such name"
        assert lines[3].style
        assert not lines[1].style

        await screen.press("up", "up", "enter")
        await screen.until(lambda: len(shown.answers.lines) == 6)
        await screen.press("escape", "colon", "up")
        assert [message.expression for message in engine.sent if isinstance(message, Evaluate)] == [
            "loss",
            "wrong",
            "loss",
        ]
        again = screen.app.screen
        assert isinstance(again, EvaluateScreen)
        assert again.prompt.typed == "loss"


async def test_an_expression_that_takes_long_says_so_and_can_be_broken_off() -> None:
    async with held() as (screen, engine):
        engine.thinks = True
        await screen.press("colon", *"long", "enter")
        shown = screen.app.screen
        assert isinstance(shown, EvaluateScreen)
        await screen.until(lambda: "evaluating ...  esc: break off" in "".join(screen.drawn))
        await screen.press(*"next", "enter")  # one after the other
        assert shown.prompt.typed == "next"
        assert sum(isinstance(message, Evaluate) for message in engine.sent) == 1

        await screen.press("escape")
        assert engine.interrupted
        assert shown.is_current
        engine.say(Answer(shown.request, "Broken off", error=True))
        await screen.until(lambda: shown.answers.lines[-1].text == "Broken off")
        assert "history" in "".join(screen.drawn)

        await screen.press("enter", "escape")
        await screen.press("escape")  # and where it can't be, one gets away all the same
        assert not shown.is_attached


async def test_expressions_are_evaluated_in_the_frame_that_was_chosen() -> None:
    async with held() as (screen, engine):
        view = screen.app.main.view
        assert view is not None
        here = view.frames[0]
        outer = replace(here, function="train", line=here.line + 1)
        stack = (view.snapshot.stop.site, len(view.snapshot.trace.sites))
        trace = replace(view.snapshot.trace, sites=(*view.snapshot.trace.sites, outer))
        snapshot = replace(view.snapshot, trace=trace, stop=replace(view.snapshot.stop, stack=stack))
        screen.app.main.set_reactive(type(screen.app.main).view, replace(view, snapshot=snapshot))
        source = screen.app.main.query_one(Source)
        source.site, source.frame = outer, 1
        await screen.press("colon")
        shown = screen.app.screen
        assert isinstance(shown, EvaluateScreen)
        assert "in train, frame 2 of 2" in str(shown.answers.border_title)
        for number, keys in enumerate((["x"], ["pagedown", "y"], ["pageup", "pageup", "z"]), 1):
            await screen.press(*keys, "enter")
            await screen.until(partial(_has_lines, shown, 2 * number))

        asked = [
            (message.expression, message.frame) for message in engine.sent if isinstance(message, Evaluate)
        ]
        assert asked == [("x", 1), ("y", 0), ("z", 1)]


def _has_lines(shown: EvaluateScreen, many: int) -> bool:
    return len(shown.answers.lines) == many


async def test_the_slider_of_the_past_is_moved_by_the_mouse() -> None:
    async with held() as (screen, _):
        await stepped(screen, 3)
        await screen.press("left_square_bracket")
        headline = screen.app.main.query_one(Headline)
        track = headline.render().plain
        first, last = track.index("━"), track.index("back") - 6
        await screen.pilot.click(Headline, offset=(first + 1, 0))
        assert screen.app.main.passage.moment == 0
        await screen.pilot.click(Headline, offset=(last, 0))
        await screen.pilot.pause()

        assert not screen.app.main.passage.past


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_nothing_of_a_step_is_wider_than_its_pane(size: tuple[int, int]) -> None:
    async with held(sends={"SqrtBackward0": gradient(nans=2)}, size=size) as (screen, _):
        await stepped(screen, 3)
        main = screen.app.main
        width = main.graph.inner.width - 2
        assert all(main.graph.line(index, width).cell_len <= width for index in range(main.graph.count))
        assert "3" in screen.header
