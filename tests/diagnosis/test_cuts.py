"""Which call is named, and by which rule, for each way of losing a graph. Traces made by hand; no torch."""

from __future__ import annotations

import pytest

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.snapshot import Snapshot
from gradtui.model.trace import Kind
from tests.builders import Program

NONE, PRESENT, ZERO = GradState.NONE, GradState.PRESENT, GradState.ZERO


def judged(source: str, cut: str, function: str, **how: object) -> tuple[Finding, ...]:
    """A weight, one call in the middle, a loss that also reaches another weight; one step is judged."""
    run = Program(source)
    weight, other = run.parameter("fc.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    hidden = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(x)")
    lost = run.op(function, [hidden], (2, 4), at=cut, tracked=False, **how)  # type: ignore[arg-type]
    loss = run.op("F.linear", [lost, other], (), at="head(h)")
    run.backward(loss, at="loss.backward()")
    return diagnose([run.step({weight: NONE, other: PRESENT}, at="optimizer.step()")])


SOURCE = "h = fc(x)\nh = CUT\nloss = head(h)\nloss.backward()\noptimizer.step()\n"


@pytest.mark.parametrize(
    ("cut", "function", "how", "rule"),
    [
        ("h.detach()", "Tensor.detach", {}, Rule.DETACH),
        ("h.data", "Tensor.data", {}, Rule.DATA_ATTR),
        ("torch.tensor(h)", "torch.tensor", {"kind": Kind.REENTRY}, Rule.TENSOR_CTOR),
        ("nn.Parameter(h)", "nn.Parameter", {"kind": Kind.PARAMETER}, Rule.REBUILT_LEAF),
        ("h.argmax(1)", "Tensor.argmax", {"dtype": "int64"}, Rule.NONDIFFERENTIABLE_OP),
        ("h.long()", "Tensor.long", {"dtype": "int64"}, Rule.INTEGER_CAST),
        ("Mine.apply(h)", "Mine.apply", {"kind": Kind.FUNCTION}, Rule.CUSTOM_FUNCTION),
        ("checkpoint(block, h)", "CheckpointFunction.apply", {"kind": Kind.FUNCTION}, Rule.CHECKPOINT),
        ("grad(h, x)", "torch.autograd.grad", {"kind": Kind.GRAD}, Rule.GRAPH_NOT_CREATED),
    ],
)
def test_each_way_of_losing_a_graph_has_its_rule_and_its_line(
    cut: str, function: str, how: dict[str, object], rule: Rule
) -> None:
    (finding,) = judged(SOURCE.replace("CUT", cut), cut, function, **how)

    assert (finding.rule, finding.line, finding.column) == (rule, 2, 4)
    assert finding.severity is Severity.ERROR
    assert finding.affected == ("fc.weight",)
    assert finding.fix


def test_of_two_cuts_in_series_the_first_is_named_and_the_second_is_evidence() -> None:
    run = Program("a = fc(x)\nb = a.detach()\nc = b.data\nloss = head(c)\nloss.backward()\n")
    weight, other = run.parameter("fc.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    a = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(x)")
    b = run.op("Tensor.detach", [a], (2, 4), at="a.detach()", tracked=False)
    c = run.op("Tensor.data", [b], (2, 4), at="b.data", tracked=False)
    run.backward(run.op("F.linear", [c, other], (), at="head(c)"), at="loss.backward()")

    (finding,) = diagnose([run.step({weight: NONE, other: PRESENT})])

    assert (finding.rule, finding.line) == (Rule.DETACH, 2)
    assert any(step.line == 3 for step in finding.evidence)


def test_a_detach_that_only_serves_numpy_in_the_same_expression_is_a_round_trip() -> None:
    text = "torch.from_numpy(out.detach().numpy())"
    run = Program(f"out = fc(x)\npred = {text}\nloss = head(pred)\nloss.backward()\n")
    weight, other = run.parameter("fc.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    out = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(x)")
    free = run.op("Tensor.detach", [out], (2, 4), at="out.detach()", tracked=False)
    escape = run.escape("Tensor.numpy", free, at="out.detach().numpy()")
    back = run.op("torch.from_numpy", [], (2, 4), at=text, kind=Kind.REENTRY)
    run.tie(escape, back)
    run.backward(run.op("F.linear", [back, other], (), at="head(pred)"), at="loss.backward()")

    (finding,) = diagnose([run.step({weight: NONE, other: PRESENT})])

    assert (finding.rule, finding.line, finding.confidence) == (Rule.NUMPY_ROUNDTRIP, 2, Confidence.EXACT)


def test_numbers_that_came_from_nowhere_are_tied_to_what_left_before_them_and_said_to_be_likely() -> None:
    run = Program("v = fc(x).item()\nloss = torch.tensor(f(v))\n(loss * s).backward()\n")
    weight, scale = run.parameter("fc.weight", (1, 4)), run.parameter("scale", ())
    run.optimizer("Adam", [weight, scale])
    run.escape("Tensor.item", run.op("F.linear", [run.data((4,)), weight], (), at="fc(x)"), at="fc(x).item()")
    made = run.op("torch.tensor", [], (), at="torch.tensor(f(v))", kind=Kind.REENTRY)
    run.backward(run.op("Tensor.mul", [made, scale], (), at="loss * s"), at="(loss * s).backward()")

    (finding,) = diagnose([run.step({weight: NONE, scale: PRESENT})])

    assert (finding.rule, finding.line, finding.confidence) == (Rule.PYTHON_SCALAR, 1, Confidence.LIKELY)


WITH = """\
def train(x):
    with torch.no_grad():
        h = encoder(x)
    loss = head(h)
    loss.backward()
"""
DECORATED = """\
@torch.no_grad()
def encode(x):
    return encoder(x)
loss = head(encode(x))
loss.backward()
"""
LEFT_OFF = """\
torch.set_grad_enabled(False)
h = encoder(x)
loss = head(h)
loss.backward()
"""


@pytest.mark.parametrize(
    ("source", "switch", "head", "rule", "line"),
    [
        (WITH, "torch.no_grad()", "head(h)", Rule.NO_GRAD, 3),
        (DECORATED, "torch.no_grad()", "head(encode(x))", Rule.NO_GRAD, 1),
        (LEFT_OFF, "torch.set_grad_enabled(False)", "head(h)", Rule.GRAD_MODE_OFF, 1),
    ],
)
def test_a_grad_mode_that_is_off_is_found_as_a_block_a_decorator_or_a_switch_left_off(
    source: str, switch: str, head: str, rule: Rule, line: int
) -> None:
    run = Program(source)
    weight, other = run.parameter("encoder.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    run.mode(switch, grad=False)
    hidden = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="encoder(x)")
    if rule is Rule.NO_GRAD:
        run.mode(switch, grad=True)
    run.grad = True
    loss = run.op("F.linear", [hidden, other], (), at=head)
    run.backward(loss, at="loss.backward()")

    (finding,) = diagnose([run.step({weight: NONE, other: PRESENT})])

    assert (finding.rule, finding.line) == (rule, line)


def test_what_was_computed_in_inference_mode_is_named_with_the_place_where_it_was_entered() -> None:
    run = Program(WITH.replace("no_grad", "inference_mode"))
    weight, other = run.parameter("encoder.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    run.grad, run.inference = False, True
    hidden = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="encoder(x)")
    run.grad, run.inference = True, False
    run.backward(run.op("F.linear", [hidden, other], (), at="head(h)"), at="loss.backward()")

    (finding,) = diagnose([run.step({weight: NONE, other: PRESENT})])

    assert (finding.rule, finding.line) == (Rule.INFERENCE_MODE, 3)
    assert [step.line for step in finding.evidence][:1] == [2]
    assert finding.affected == ("encoder.weight",)


def test_values_that_are_copied_into_a_parameter_leave_the_graph_at_the_copy() -> None:
    run = Program("made = hyper(z)\nhead.weight.copy_(made)\nloss = head(x)\nloss.backward()\n")
    weight, head = run.parameter("hyper.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight])
    made = run.op("F.linear", [run.data((4,)), weight], (4, 4), at="hyper(z)")
    run.grad = False
    written = run.write("Tensor.copy_", head, [made], at="head.weight.copy_(made)")
    run.grad = True
    run.backward(run.op("F.linear", [run.data((4,)), written], (), at="head(x)"), at="loss.backward()")

    finding, *_ = diagnose([run.step({weight: NONE}), run.end()])

    assert (finding.rule, finding.line, finding.severity) == (Rule.VALUES_COPIED, 2, Severity.ERROR)
    assert finding.affected == ("hyper.weight",)


# what is meant


def test_a_gradient_that_goes_round_a_detach_is_no_finding() -> None:
    """`x + (round(x) - x).detach()`: cut off on purpose, with another way for the gradient."""
    run = Program("x = fc(i)\nq = (x.round() - x).detach()\ny = x + q\nloss = y.sum()\nloss.backward()\n")
    weight = run.parameter("fc.weight", (4, 4))
    run.optimizer("Adam", [weight])
    x = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(i)")
    difference = run.op("Tensor.sub", [run.op("Tensor.round", [x], (2, 4)), x], (2, 4), at="x.round() - x")
    q = run.op("Tensor.detach", [difference], (2, 4), at="(x.round() - x).detach()", tracked=False)
    y = run.op("Tensor.add", [x, q], (2, 4), at="x + q")
    run.backward(run.op("Tensor.sum", [y], (), at="y.sum()"), at="loss.backward()")

    (note,) = diagnose([run.step({weight: PRESENT})])

    assert (note.severity, note.rule, note.line) == (Severity.NOTE, Rule.DETACH, 2)


def test_a_later_cut_is_named_and_not_a_straight_through_estimator_before_it() -> None:
    run = Program("x = fc(i)\nq = (f - x).detach()\ny = x + q\nz = y.data\nloss = head(z)\nloss.backward()\n")
    weight, other = run.parameter("fc.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    x = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(i)")
    q = run.op(
        "Tensor.detach", [run.op("Tensor.sub", [x, x], (2, 4))], (2, 4), at="(f - x).detach()", tracked=False
    )
    y = run.op("Tensor.add", [x, q], (2, 4), at="x + q")
    z = run.op("Tensor.data", [y], (2, 4), at="y.data", tracked=False)
    run.backward(run.op("F.linear", [z, other], (), at="head(z)"), at="loss.backward()")

    finding, *_ = diagnose([run.step({weight: NONE, other: PRESENT})])

    assert (finding.rule, finding.line) == (Rule.DATA_ATTR, 4)


def test_a_parameter_that_learns_at_some_step_is_no_finding_at_the_others() -> None:
    run = Program("h = fc(x)\nh = h.detach()\nloss = head(h)\nloss.backward()\n")
    weight, other = run.parameter("fc.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    hidden = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(x)")
    free = run.op("Tensor.detach", [hidden], (2, 4), at="h.detach()", tracked=False)
    run.backward(run.op("F.linear", [free, other], (), at="head(h)"), at="loss.backward()")
    warming = run.step({weight: NONE, other: PRESENT})
    run.backward(run.op("F.linear", [hidden, other], (), at="head(h)"), at="loss.backward()")

    found = diagnose([warming, run.step({weight: PRESENT, other: PRESENT})])

    assert [finding for finding in found if finding.loud] == []


def test_a_state_carried_over_without_its_history_is_meant() -> None:
    """A learned first state has a gradient in the first segment only: what follows is cut off on purpose."""
    run = Program("h = cell(h0)\nloss = out(h)\nloss.backward()\nh = h.detach()\n")
    first, other = run.parameter("h0", (4,)), run.parameter("out.weight", (4, 4))
    run.optimizer("Adam", [first, other])
    state = run.op("torch.tanh", [first], (4,), at="cell(h0)")
    snapshots: list[Snapshot] = []
    for segment in range(6):
        loss = run.op("F.linear", [state, other], (), at="out(h)")
        run.backward(loss, at="loss.backward()")
        snapshots.append(run.step({first: NONE if segment else PRESENT, other: PRESENT}))
        run.clear([first, other])
        state = run.op("Tensor.detach", [state], (4,), at="h.detach()", tracked=False)

    assert [finding for finding in diagnose(snapshots) if finding.loud] == []


def test_a_cut_that_begins_late_and_stays_counts_from_the_step_where_it_begins() -> None:
    run = Program(
        "h = fc(x)\nf = h.detach()\nloss = head(h)\nlate = head(f)\nloss.backward()\nlate.backward()\n"
    )
    weight, other = run.parameter("fc.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    snapshots: list[Snapshot] = []
    for step in range(9):
        hidden = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(x)")
        if step >= 4:
            hidden = run.op("Tensor.detach", [hidden], (2, 4), at="h.detach()", tracked=False)
        at = "head(f)" if step >= 4 else "head(h)"
        run.backward(run.op("F.linear", [hidden, other], (), at=at), at="loss.backward()")
        snapshots.append(run.step({weight: NONE if step >= 4 else PRESENT, other: PRESENT}))

    (finding,) = diagnose(snapshots)

    assert (finding.rule, finding.line, finding.stop, finding.count) == (Rule.DETACH, 2, 5, 5)


def test_the_line_of_a_graph_as_deep_as_a_long_run_is_found_in_time() -> None:
    """No recursion, and time that grows with the number of calls."""
    run = Program("h = fc(x)\nh = h.detach()\nh = h + 1\nloss = head(h)\nloss.backward()\n")
    weight, other = run.parameter("fc.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    hidden = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(x)")
    for _ in range(10_000):
        hidden = run.op("Tensor.add", [hidden], (2, 4), at="h + 1")
    hidden = run.op("Tensor.detach", [hidden], (2, 4), at="h.detach()", tracked=False)
    for _ in range(10_000):
        hidden = run.op("Tensor.add", [hidden], (2, 4), at="h + 1")
    run._call(Kind.BACKWARD, "Tensor.backward", "loss.backward()", [hidden, other])

    (finding,) = diagnose([run.step({weight: NONE, other: PRESENT})])

    assert (finding.rule, finding.line) == (Rule.DETACH, 2)


@pytest.mark.parametrize(("shape", "told"), [((2, 4), True), ((), False)])
def test_a_tensor_that_comes_back_from_numpy_is_a_note_where_its_parameters_learn_by_another_way(
    shape: tuple[int, ...], told: bool
) -> None:
    run = Program(
        "out = fc(x)\npred = torch.from_numpy(out.numpy())\nloss = head(pred) + kl(out)\nloss.backward()\n"
    )
    weight, other = run.parameter("fc.weight", (4, 4)), run.parameter("head.weight", (4, 4))
    run.optimizer("Adam", [weight, other])
    out = run.op("F.linear", [run.data((2, 4)), weight], (2, 4), at="fc(x)")
    escape = run.escape("Tensor.numpy", out, at="out.numpy()")
    back = run.op("torch.from_numpy", [], shape, at="torch.from_numpy(out.numpy())", kind=Kind.REENTRY)
    run.tie(escape, back)
    parts = [run.op("F.linear", [back, other], (), at="head(pred)"), run.op("kl", [out], (), at="kl(out)")]
    run.backward(run.op("Tensor.add", parts, (), at="head(pred) + kl(out)"), at="loss.backward()")

    findings = diagnose([run.step({weight: PRESENT, other: PRESENT}), run.end()])

    assert [(one.severity, one.rule) for one in findings] == (
        [(Severity.NOTE, Rule.NUMPY_ROUNDTRIP)] if told else []
    )
