"""The way from the loss to a row says what is wrong with it, also where nothing is cut."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.text import Text

from gradtui.diagnosis.outline.path import loss_path
from gradtui.diagnosis.sentences import clause
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.snapshot import Snapshot
from gradtui.report.tally import Tally
from gradtui.tui.screens.path import sentence, to_see
from gradtui.tui.view import View, view
from tests.builders import Program

SOURCE = """\
hidden = weight.sqrt()
loss = hidden.sum()
loss.backward()
"""


def rooted() -> Snapshot:
    run = Program(SOURCE)
    weight = run.parameter("weight", (3,))
    hidden = run.op("torch.sqrt", [weight], (3,), at="weight.sqrt()", node="SqrtBackward0")
    loss = run.op("torch.sum", [hidden], (), at="hidden.sum()", node="SumBackward0")
    return run.backward(loss, "loss.backward()")


def about(rule: Rule, snapshot: Snapshot, severity: Severity = Severity.ERROR) -> Finding:
    file = snapshot.sources[0].path
    return Finding(rule, severity, file, 1, 9, 1, 22, "It is so.", "Mend it.", Confidence.EXACT, ("weight",))


def told(snapshot: Snapshot, *findings: Finding) -> tuple[View, str, int]:
    """What is said of the way to the weight, and the row that is shown first."""
    shown = view([snapshot], lambda *_: findings)
    found = loss_path(shown.rows, snapshot, len(shown.rows) - 1)
    return shown, sentence(shown, found).plain, to_see(shown, found)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule.NAN_GRADIENT, "✗ The gradient becomes NaN or infinite at script.py:1, `weight.sqrt()`."),
        (Rule.ZERO_GRADIENT, "✗ The gradient becomes zero at script.py:1, `weight.sqrt()`."),
        (Rule.INPLACE_VERSION, "✗ What backward needs is written over at script.py:1, `weight.sqrt()`."),
    ],
)
def test_what_spoils_a_whole_way_is_said_and_shown_first(rule: Rule, words: str) -> None:
    snapshot = rooted()
    shown, said, row = told(snapshot, about(rule, snapshot))

    assert said.replace(snapshot.sources[0].path.rpartition("/")[2], "script.py") == words
    assert shown.labels.label(row).words == "hidden"


def test_a_value_that_forward_made_nan_is_not_called_a_gradient() -> None:
    snapshot = rooted()
    _, said, _ = told(snapshot, replace(about(Rule.NAN_GRADIENT, snapshot), in_forward=True))

    assert said.startswith("✗ The value becomes NaN or infinite at ")


def test_a_gradient_that_came_as_nan_is_no_good_end_of_a_way() -> None:
    snapshot = rooted()
    broken = tuple(replace(item, grad=GradState.NONFINITE) for item in snapshot.parameters)
    _, said, row = told(replace(snapshot, parameters=broken))

    assert "NaN" in said
    assert row == NONE


def test_a_note_spoils_nothing() -> None:
    snapshot = rooted()
    _, said, row = told(snapshot, about(Rule.ZERO_GRADIENT, snapshot, Severity.NOTE))

    assert said.endswith("nothing breaks this way.")
    assert row == NONE


def test_a_whole_way_to_what_nobody_steps_is_in_vain() -> None:
    snapshot = rooted()
    (tensor,) = [one.tensor for one in snapshot.parameters]
    finding = replace(about(Rule.OPTIMIZER_MISMATCH, snapshot, Severity.WARNING), tensors=(tensor,))

    _, said, _ = told(snapshot, finding)

    told_why = f"{finding.place}: {clause(finding.message)}."
    assert said == f"▲ Nothing breaks this way, but it is reached in vain. {told_why}"


def detached() -> Snapshot:
    run = Program("hidden = weight.detach()\nloss = (hidden + bias).sum()\nloss.backward()\n")
    weight, bias = run.parameter("weight", (3,)), run.parameter("bias", (3,))
    hidden = run.op("Tensor.detach", [weight], (3,), at="weight.detach()", tracked=False)
    both = run.op("torch.add", [hidden, bias], (3,), at="hidden + bias", node="AddBackward0")
    loss = run.op("torch.sum", [both], (), at="(hidden + bias).sum()", node="SumBackward0")
    return run.backward(loss, "loss.backward()")


def told_of_cut(snapshot: Snapshot, *findings: Finding, steps: int = 0) -> Text:
    """What is said of the way to the weight, which is cut."""
    shown = replace(view([snapshot], lambda *_: findings), tally=Tally(steps=steps))
    row = next(row for row in range(len(shown.rows)) if shown.labels.label(row).words == "weight")
    return sentence(shown, loss_path(shown.rows, snapshot, row))


def test_a_cut_that_only_a_note_is_about_is_called_meant_once_a_step_was_judged() -> None:
    snapshot = detached()
    note = replace(about(Rule.DETACH, snapshot, Severity.NOTE), column=9, end_column=24)

    before, said = (told_of_cut(snapshot, note, steps=steps).plain for steps in (0, 1))

    assert before.startswith("· Tracking stops at")
    assert before.endswith("`weight.detach()`: not judged yet.")
    assert said.endswith("`weight.detach()`: that is meant, by the look of it.")


def test_a_cut_that_nothing_blames_is_shown_as_no_error() -> None:
    said = told_of_cut(detached())

    assert said.plain.startswith("✂ Tracking stops at")
    assert said.style == "bold"


def test_a_cut_that_an_error_names_is_shown_as_one() -> None:
    snapshot = detached()
    said = told_of_cut(snapshot, replace(about(Rule.DETACH, snapshot), column=9, end_column=24))

    assert said.plain.startswith("✗ Tracking stops at")
    assert said.style == "bold red"
