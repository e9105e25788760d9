"""The picture of a graph: what stands in which box, where arrows lead, and what of a large one is folded."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.graph import StaleSave
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Stop, StopKind
from gradtui.report.box_styles import BEYOND, BLAMED_CUT, BROKEN, CUT, FLOWS, LOST
from gradtui.report.dot import escaped
from gradtui.report.picture import picture, pictured
from tests.builders import Program
from tests.diagnosis.test_outline import SOURCE, graph_of, silent_numpy
from tests.diagnosis.test_outline_groups import stack
from tests.report.drawings import Drawing, drawing

LAYERS = ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias")


def drawn(snapshot: Snapshot, findings: Sequence[Finding] = ()) -> Drawing:
    return drawing(picture(snapshot, findings, {one.path: one.text for one in snapshot.sources}))


def cut_off() -> tuple[Snapshot, Finding]:
    run, snapshot = silent_numpy()
    message = 'The "way back" ends here.'
    return snapshot, run.finding(Rule.NUMPY_ROUNDTRIP, "out.detach().numpy()", message, affected=LAYERS)


# what is drawn


def test_a_cut_is_drawn_as_it_was(same_as_golden: Callable[[str, str], None]) -> None:
    snapshot, finding = cut_off()
    same_as_golden("cut.dot", picture(snapshot, [finding], {snapshot.sources[0].path: SOURCE}))


def test_a_cut_is_red_and_says_its_expression_and_its_line() -> None:
    snapshot, finding = cut_off()
    cut = drawn(snapshot, [finding]).box("Tensor.detach")

    assert cut.lines == ["✂ Tensor.detach: tracking stops here", "out.detach()", "train.py:2"]
    assert cut.style.items() >= BLAMED_CUT.items()


def test_a_cut_that_nobody_blames_is_not_red() -> None:
    cut = drawn(cut_off()[0]).box("Tensor.detach")
    assert cut.style.items() >= CUT.items()


def test_what_lies_beyond_a_cut_is_dashed_and_its_parameters_are_lost() -> None:
    snapshot, finding = cut_off()
    found = drawn(snapshot, [finding])

    assert found.arrow("torch.relu", "F.linear") == BEYOND
    assert found.arrow("F.linear", "Tensor.detach") == BROKEN
    assert found.arrow("torch.from_numpy", "MseLossBackward0") == BROKEN
    assert found.arrow("target", "MseLossBackward0") == FLOWS
    for name in LAYERS:
        assert found.box(name).lines[-1] == "gets no gradient"
        assert found.box(name).style.items() >= LOST.items()
    assert found.box("target").style["fillcolor"] == "lightblue"


def test_a_node_says_its_shape_the_users_words_and_its_line() -> None:
    assert drawn(silent_numpy()[1]).box("MseLossBackward0").lines == [
        "MseLossBackward0 ()",
        "loss · train.py:3",
    ]


def test_the_loss_hangs_on_its_node() -> None:
    found = drawn(silent_numpy()[1])
    assert found.box("loss").lines == ["loss ()", "backward 1 · train.py:4"]
    assert found.arrow("MseLossBackward0", "loss") == FLOWS


def test_the_caption_says_what_was_found_first() -> None:
    snapshot, finding = cut_off()
    note = replace(finding, severity=Severity.NOTE, message="Another.")
    caption = drawn(snapshot, [finding, note]).caption

    assert caption[0] == "train.py: backward 1 at train.py:4"
    assert 'error at train.py:2: The "way back" ends here.' in caption
    assert "Another" not in "".join(caption)


def test_a_value_used_twice_by_one_node_has_two_arrows() -> None:
    run = Program("loss = w * w\nloss.backward()\n")
    weight = run.leaf("w", ())
    loss = run.op("Tensor.mul", [weight, weight], (), at="w * w", node="MulBackward0")
    found = drawn(run.backward(loss, "loss.backward()"))

    assert [arrow for arrow in found.named_arrows if arrow == ("w", "MulBackward0")] == [
        ("w", "MulBackward0")
    ] * 2


def test_what_was_written_since_it_was_saved_is_red() -> None:
    run = Program("loss = w.exp()\nloss.backward()\n")
    loss = run.op("Tensor.exp", [run.leaf("w", ())], (), at="w.exp()", node="ExpBackward0")
    snapshot = run.backward(loss, "loss.backward()")
    assert snapshot.graph is not None
    save = StaleSave(0, "_saved_result", expected=0, actual=1, call=0)
    found = drawn(replace(snapshot, graph=replace(snapshot.graph, stale=(save,))))

    assert found.box("ExpBackward0").lines[-1] == "✗ saved at version 0, which is 1 now"


def test_a_parameter_that_no_loss_depends_on_stands_apart() -> None:
    run = Program(SOURCE)
    run.parameter("spare", (3,))
    loss = run.op("torch.sum", [run.leaf("w", (2,))], (), node="SumBackward0")
    finding = run.finding(Rule.UNUSED_PARAMETER, "loss.backward()", affected=["spare"])
    found = drawn(run.backward(loss, "loss.backward()"), [finding])

    assert found.box("spare").lines == ["spare", "(3,)", "no part of this graph"]
    assert not any("spare" in arrow for arrow in found.named_arrows)


def test_layers_are_drawn_around_what_they_made_and_parameters_named_within_them() -> None:
    text = picture(stack(2), (), {})

    assert text.index('label="encoder.layers.1"') < text.index('label="up.weight\\n(4, 4)"')
    assert "encoder.layers.1.up" not in text


# names come from anybody


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ('say "no"', r"say \"no\""),
        (r"C:\new\N", r"C:\\new\\N"),
        ("a\nb\tc", "a b c"),
        ("<b>&lt;</b>", "<b>&amp;lt;</b>"),
        ("nul\0esc\x1b[0m", "nul\N{REPLACEMENT CHARACTER}esc\N{REPLACEMENT CHARACTER}[0m"),
        ("half \udc80", "half \N{REPLACEMENT CHARACTER}"),
        ("turned \N{RIGHT-TO-LEFT OVERRIDE}round", "turned \N{REPLACEMENT CHARACTER}round"),
        ("überlauf_損失", "überlauf_損失"),
    ],
)
def test_a_name_shows_as_what_it_is(name: str, shown: str) -> None:
    assert escaped(name) == shown


def test_a_name_cannot_end_its_label_and_say_more() -> None:
    run = Program(SOURCE)
    hostile = 'x"]; evil [label="gone\\'
    loss = run.op("torch.sum", [run.parameter(hostile, (2,))], (), node="SumBackward0")
    found = drawn(run.backward(loss, "loss.backward()"))

    assert found.box(hostile).lines[1] == "(2,)"
    assert len(found.boxes) == 3


# large graphs


def chain(count: int) -> Snapshot:
    return graph_of({node: [node + 1] for node in range(count - 1)} | {count - 1: []})


def test_a_chain_of_thousands_is_drawn_at_its_loss_and_the_rest_is_counted() -> None:
    found = drawn(chain(20_000))

    assert len(found.boxes) < 20
    assert {"0", "5"} <= found.names
    assert found.box("19,988 nodes").style["peripheries"] == "2"
    assert "of 20,000 nodes, calls and parameters 19,988 are folded into one box" in " ".join(found.caption)


def test_a_graph_just_small_enough_is_drawn_whole() -> None:
    assert len(drawn(chain(100)).boxes) == 101


def test_layers_of_a_large_model_are_one_box_each_and_one_of_them_is_open() -> None:
    found = drawn(stack(12))

    assert found.box("encoder.layers.0").lines == ["encoder.layers.0", "5 nodes, 4 parameters"]
    assert "up.weight" in found.names
    assert ("encoder.layers.0", "encoder.layers.1") in found.named_arrows
    assert len(found.boxes) < 40


def test_very_many_alike_layers_are_one_box() -> None:
    found = drawn(stack(40))

    assert found.box("encoder.layers.0 … encoder.layers.39").lines == [
        "encoder.layers.0 … encoder.layers.39",
        "40 alike, together",
        "200 nodes, 160 parameters",
    ]


@pytest.mark.parametrize("where", [10, 2_500, 4_990])
def test_a_cut_deep_in_a_large_graph_is_drawn_with_what_stands_around_it(where: int) -> None:
    run = Program("x = x + 1\nx = cut(x) * w\nloss.backward()\n")
    weight = run.leaf("w", ())
    value = weight
    for step in range(5_000):
        if step == where:
            value = run.op("Tensor.detach", [value], (), at="cut(x)", tracked=False)
            value = run.op("Tensor.mul", [value, weight], (), at="cut(x) * w", node="MulBackward0")
        value = run.op("Tensor.add", [value], (), at="x + 1", node="AddBackward0")
    found = drawn(
        run.backward(value, "loss.backward()"), [run.finding(Rule.DETACH, "cut(x)", affected=["w"])]
    )

    assert found.arrow("Tensor.detach", "MulBackward0") == BROKEN
    assert found.arrow("Tensor.add", "Tensor.detach") == BROKEN
    assert len(found.boxes) < 60


def test_a_folded_layer_says_how_many_of_its_parameters_are_lost() -> None:
    snapshot = stack(40)
    names = [item.name for item in snapshot.parameters if item.name.startswith("encoder")]
    run = Program(SOURCE)
    finding = replace(
        run.finding(Rule.DETACH, "loss.backward()", affected=names),
        tensors=tuple(item.tensor for item in snapshot.parameters if item.name in names),
    )
    assert snapshot.graph is not None
    unreached = replace(snapshot, graph=replace(snapshot.graph, missed=frozenset(finding.tensors)))

    assert drawn(unreached, [finding]).box("encoder.layers.0 …").lines[-1] == "160 without a gradient"


# which graph


def at_backward(index: int, **changes: object) -> Snapshot:
    stop = Stop(index, StopKind.BACKWARD, 0)
    return replace(chain(3), stop=stop, stops=(stop,), **changes)  # type: ignore[arg-type]


def test_the_graph_is_that_of_the_backward_of_the_first_finding() -> None:
    first, second, third = (at_backward(index) for index in (1, 2, 3))
    finding = replace(cut_off()[1], stop=2)

    assert pictured([first, second, third], [finding]) is second
    assert pictured([first, second, third], []) is first
    assert pictured([at_backward(2, graph=None), third], [finding]) is third
    assert pictured([first], [finding]) is first


def test_after_a_step_the_graph_is_said_to_be_of_the_backward_before_it() -> None:
    backward, stepped = Stop(4, StopKind.BACKWARD, 0), Stop(9, StopKind.STEP, 0)
    snapshot = replace(silent_numpy()[1], stop=stepped, stops=(backward, stepped))

    assert drawn(snapshot).caption[0] == "train.py: backward 4"


def test_where_no_backward_came_there_is_no_graph() -> None:
    assert pictured([at_backward(1, graph=None)], []) is None
    assert pictured([], []) is None


def test_every_line_is_a_statement_of_its_own() -> None:
    snapshot, finding = cut_off()
    lines = picture(snapshot, [finding], {}).splitlines()
    wanted = r"digraph gradtui \{|\}| +(graph|node|edge|\w+|\w+ -> \w+) \[.*\]| +subgraph cluster\d+ \{| +\}"
    assert [line for line in lines if not re.fullmatch(wanted, line)] == []
