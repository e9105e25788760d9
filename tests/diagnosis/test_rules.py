"""Causes other than a cut on the way to the loss. Traces made by hand; no torch."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradtui.diagnosis import engine
from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.run import Run
from gradtui.model.columns import NONE as NOTHING
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.gradients import Death, GradHealth
from gradtui.model.graph import StaleSave
from gradtui.model.owners import GradState, Module, Role
from gradtui.model.snapshot import Snapshot
from tests.builders import SCRIPT, Program

NONE, PRESENT, ZERO, NAN = GradState.NONE, GradState.PRESENT, GradState.ZERO, GradState.NONFINITE

SOURCE = """\
fc = nn.Linear(4, 4)
spare = nn.Linear(4, 4)
optimizer = Adam(parameters)
loss = fc(x)
loss.backward()
optimizer.zero_grad()
optimizer.step()
"""


def program(source: str = SOURCE) -> tuple[Program, int, int]:
    """Two weights that one optimizer holds."""
    run = Program(source)
    fc = run.parameter("fc.weight", (4, 4), at="nn.Linear(4, 4)")
    spare = run.parameter("spare.weight", (4, 4), at="spare = nn.Linear(4, 4)")
    run.optimizer("Adam", [fc, spare], at="Adam(parameters)")
    return run, fc, spare


def trained(run: Program, weight: int) -> int:
    """A loss of one weight, and its backward."""
    loss = run.op("F.linear", [run.data((4,)), weight], (), at="fc(x)")
    run.backward(loss, at="loss.backward()")
    return loss


def test_a_held_parameter_that_no_loss_uses_is_an_error_where_it_was_made() -> None:
    run, fc, spare = program()
    trained(run, fc)

    (finding,) = diagnose([run.step({fc: PRESENT, spare: NONE}), run.end()])

    assert (finding.rule, finding.severity, finding.line) == (Rule.UNUSED_PARAMETER, Severity.ERROR, 2)
    assert finding.affected == ("spare.weight",)


def test_nothing_is_concluded_from_a_snapshot_of_the_last_calls_alone() -> None:
    run, fc, spare = program()
    trained(run, fc)
    step = run.step({fc: PRESENT, spare: NONE})

    assert diagnose([step])
    assert diagnose([replace(step, brief=True)]) == ()


def test_gradients_cleared_between_backward_and_step_are_found_at_the_call_that_cleared_them() -> None:
    run, fc, spare = program()
    trained(run, fc)
    run.clear([fc, spare], at="optimizer.zero_grad()")

    finding, *_ = diagnose([run.step({fc: NONE, spare: NONE}, at="optimizer.step()")])

    assert (finding.rule, finding.line) == (Rule.GRAD_CLEARED, 6)
    assert [step.line for step in finding.evidence] == [5, 7]


def test_what_nothing_explains_is_told_once_the_program_has_ended() -> None:
    run, fc, spare = program()
    loss = run.op("F.linear", [run.data((4,)), fc, spare], (), at="fc(x)")
    run.backward(loss, at="loss.backward()")
    step = run.step({fc: PRESENT, spare: NONE}, at="optimizer.step()")

    assert diagnose([step]) == ()
    (finding,) = diagnose([step, run.end()])

    assert (finding.rule, finding.severity, finding.line) == (Rule.OTHER, Severity.ERROR, 7)
    assert finding.confidence is Confidence.LIKELY
    assert finding.affected == ("spare.weight",)


@pytest.mark.parametrize(
    ("state", "seen", "rule"),
    [(GradHealth.ZERO, ZERO, Rule.ZERO_GRADIENT), (GradHealth.NAN, NAN, Rule.NAN_GRADIENT)],
)
def test_the_op_at_which_a_live_gradient_died_is_named(
    state: GradHealth, seen: GradState, rule: Rule
) -> None:
    run, fc, _ = program("h = torch.round(fc(x))\nloss = h.sum()\nloss.backward()\n")
    rounded = run.op("torch.round", [fc], (4,), at="torch.round(fc(x))")
    call = len(run.calls) - 1
    run.backward(run.op("Tensor.sum", [rounded], (), at="h.sum()"), at="loss.backward()")
    tensor = run.values[fc]["tensor"]
    dead = replace(run.step({fc: seen}), deaths=(Death(1, call, "RoundBackward0", state, (tensor,)),))

    finding, *_ = diagnose([dead])

    assert (finding.rule, finding.severity, finding.line) == (rule, Severity.ERROR, 1)
    assert finding.affected == ("fc.weight",)


@pytest.mark.parametrize(
    ("function", "shape", "why"),
    [
        ("F.dropout", (4, 4), "it drops everything"),
        ("torch.normal", (4, 4), "it draws numbers"),
        ("F.cross_entropy", (4, 1), "there is only one class"),
        ("F.cross_entropy", (4, 4), "for all that it was given"),
        ("torch.softmax", (1, 4), "for all that it was given"),
        ("torch.sigmoid", (4, 4), "so large that its slope is rounded to zero"),
        ("F.embedding", (4, 4), "is its `padding_idx`"),
    ],
)
def test_why_a_gradient_is_zero_is_said_where_it_is_known(
    function: str, shape: tuple[int, ...], why: str
) -> None:
    run, fc, _ = program("h = fc(x)\nloss = last(h)\nloss.backward()\n")
    last = run.op(function, [run.op("F.linear", [fc], shape, at="fc(x)")], (), at="last(h)")
    call = len(run.calls) - 1
    run.backward(last, at="loss.backward()")
    tensor = run.values[fc]["tensor"]
    dead = replace(run.step({fc: ZERO}), deaths=(Death(1, call, "", GradHealth.ZERO, (tensor,)),))

    finding, *_ = diagnose([dead])

    assert why in finding.message


def test_parts_that_cancel_each_other_are_no_reason_to_blame_what_was_zero_before() -> None:
    run, fc, spare = program("h = fc(x) * weight\nloss = h.sum()\nloss.backward()\n")
    scaled = run.op("Tensor.mul", [fc, run.data((4,))], (4,), at="fc(x) * weight")
    call = len(run.calls) - 1
    tensor = run.values[fc]["tensor"]
    run.backward(run.op("Tensor.sum", [scaled], (), at="h.sum()"), at="loss.backward()")
    off = replace(
        run.step({fc: ZERO, spare: PRESENT}),
        deaths=(Death(1, call, "MulBackward0", GradHealth.ZERO, (tensor,)),),
    )
    assert [one.rule for one in diagnose([off]) if tensor in one.tensors] == [Rule.ZERO_GRADIENT]

    run.backward(run.op("Tensor.sum", [scaled], (), at="h.sum()"), at="loss.backward()")
    on = run.step({fc: ZERO, spare: PRESENT})

    # Where nobody looked, it may have died there as it did before.
    assert [one.rule for one in diagnose([off, on]) if tensor in one.tensors] == [Rule.ZERO_GRADIENT]
    looked_at = replace(on, watched=(2,))
    assert [one.rule for one in diagnose([off, looked_at]) if tensor in one.tensors] == []


def test_an_argument_that_torch_has_no_gradient_for_is_a_matter_of_gradients() -> None:
    run, fc, _ = program("loss = F.cross_entropy(out, y, weight=fc)\n")
    text = "F.cross_entropy(out, y, weight=fc)"
    said = (
        "The function 'nll_loss_forward' is not differentiable with respect to argument 'weight'. This input "
        "cannot have requires_grad True."
    )

    (finding,) = diagnose([run.exception("RuntimeError", said, text, [fc])])

    assert (finding.rule, finding.line) == (Rule.NONDIFFERENTIABLE_OP, 1)
    assert "argument `weight`" in finding.message


def test_a_gradient_that_is_zero_at_the_first_step_only_is_no_finding() -> None:
    run, fc, spare = program()
    trained(run, fc)
    first = run.step({fc: ZERO, spare: ZERO})
    trained(run, fc)

    assert diagnose([first, run.step({fc: PRESENT, spare: PRESENT})]) == ()


def test_zeros_that_no_op_made_are_no_finding() -> None:
    """What cancels exactly in a sum has no place to name, and nothing to mend."""
    run, fc, spare = program()
    trained(run, fc)

    assert diagnose([run.step({fc: PRESENT, spare: ZERO}), run.end()]) == ()


def test_a_loss_that_is_a_new_leaf_is_named_where_it_was_made() -> None:
    run, fc, spare = program("loss = torch.tensor(0.0, requires_grad=True)\nloss.backward()\n")
    loss = run.new_leaf("torch.tensor", [], (), at="torch.tensor(0.0, requires_grad=True)")
    run.backward(loss, at="loss.backward()")

    (finding,) = diagnose([run.step({fc: NONE, spare: NONE})])

    assert (finding.rule, finding.line) == (Rule.FRESH_LEAF_LOSS, 1)


def test_an_optimizer_all_of_whose_parameters_are_frozen_is_an_error_at_the_line_that_froze_them() -> None:
    run, fc, spare = program("p.requires_grad = False\nloss = other(x)\nloss.backward()\n")
    run.flag(fc, at="p.requires_grad = False")
    run.flag(spare, at="p.requires_grad = False")
    run.backward(run.op("F.linear", [run.leaf("z", (4,))], (), at="other(x)"), at="loss.backward()")

    (finding,) = diagnose([run.step({fc: NONE, spare: NONE})])

    assert (finding.rule, finding.severity, finding.line) == (Rule.FROZEN_LEAF, Severity.ERROR, 1)


def test_some_frozen_parameters_in_an_optimizer_are_a_note() -> None:
    run, fc, spare = program()
    run.flag(spare, at="spare = nn.Linear(4, 4)")
    trained(run, fc)

    (finding,) = diagnose([run.step({fc: PRESENT, spare: NONE})])

    assert (finding.rule, finding.severity) == (Rule.FROZEN_LEAF, Severity.NOTE)


def test_a_parameter_kept_in_a_plain_list_is_a_warning_where_it_was_made() -> None:
    run, fc, _ = program("self.heads = [nn.Parameter(torch.zeros(4))]\nloss = fc(x)\nloss.backward()\n")
    head = run.parameter("heads[0]", (4,), at="nn.Parameter(torch.zeros(4))")
    run.parameters[-1] = replace(run.parameters[-1], role=Role.ATTRIBUTE)
    run.backward(run.op("F.linear", [fc, head], (), at="fc(x)"), at="loss.backward()")

    (finding,) = diagnose([run.step({fc: PRESENT})])

    assert (finding.rule, finding.severity) == (Rule.UNREGISTERED_PARAMETER, Severity.WARNING)
    assert finding.affected == ("heads[0]",)


def test_an_optimizer_that_holds_what_was_replaced_is_an_error_where_it_was_built() -> None:
    run, fc, spare = program()
    trained(run, fc)
    old = run.step({fc: PRESENT, spare: PRESENT})
    run.parameters[0] = replace(run.parameters[0], names=(), role=Role.LEAF)
    new = run.parameter("fc.weight", (4, 4), at="nn.Linear(4, 4)")
    run.parameters[-1] = replace(run.parameters[-1], made_order=99)
    snapshots = [old]
    for _ in range(4):
        trained(run, new)
        snapshots.append(run.step({fc: NONE, spare: PRESENT}))

    finding, *_ = diagnose(snapshots)

    assert (finding.rule, finding.severity, finding.line) == (Rule.OPTIMIZER_MISMATCH, Severity.ERROR, 3)
    assert finding.affected == ("fc.weight",)


def test_a_parameter_that_was_left_out_of_the_optimizer_is_a_warning_where_it_was_built() -> None:
    run, fc, spare = program()
    extra = run.parameter("extra.weight", (4, 4))
    run.backward(run.op("F.linear", [fc, extra], (), at="fc(x)"), at="loss.backward()")

    finding, *_ = diagnose([run.step({fc: PRESENT, spare: PRESENT})])

    assert (finding.rule, finding.severity, finding.line) == (Rule.OPTIMIZER_MISMATCH, Severity.WARNING, 3)
    assert finding.affected == ("extra.weight",)


@pytest.mark.parametrize("loaded", [True, False])
def test_loaded_weights_that_nobody_trains_are_no_finding(loaded: bool) -> None:
    run, fc, spare = program(f"{SOURCE}backbone.load_state_dict(weights)\nbackbone.weight.copy_(mine)\n")
    extra = run.parameter("backbone.weight", (4, 4))
    text = "backbone.load_state_dict(weights)" if loaded else "backbone.weight.copy_(mine)"
    extra = run.write("Tensor.copy_", extra, at=text)
    run.backward(run.op("F.linear", [fc, extra], (), at="fc(x)"), at="loss.backward()")

    found = diagnose([run.step({fc: PRESENT, spare: PRESENT})])

    assert [finding.loud for finding in found] == ([] if loaded else [True])


# terms

TERMS = "a = fc(x)\nb = spare(x).detach()\nloss = a + b\nloss.backward()\n"


def test_a_term_that_is_cut_off_from_all_that_the_optimizer_holds_is_a_warning_at_the_cut() -> None:
    run, fc, spare = program(TERMS)
    a = run.op("F.linear", [run.data((4,)), fc, spare], (), at="fc(x)")
    b = run.op("F.linear", [run.data((4,)), spare], (), at="spare(x)")
    b = run.op("Tensor.detach", [b], (), at="spare(x).detach()", tracked=False)
    run.backward(run.op("Tensor.add", [a, b], (), at="a + b"), at="loss.backward()")

    (finding,) = [one for one in diagnose([run.step({fc: PRESENT, spare: PRESENT})]) if one.loud]

    assert (finding.rule, finding.severity, finding.line) == (Rule.DETACH, Severity.WARNING, 2)
    assert finding.affected == ("b",)


def test_a_constant_factor_is_no_term() -> None:
    """A loss divided by its own detached value, or weighted by one."""
    run, fc, spare = program("a = fc(x)\nw = a.detach()\nloss = (a * w) + fc(y)\nloss.backward()\n")
    a = run.op("F.linear", [run.data((4,)), fc, spare], (), at="fc(x)")
    w = run.op("Tensor.detach", [a], (), at="a.detach()", tracked=False)
    scaled = run.op("Tensor.mul", [a, w], (), at="a * w")
    other = run.op("F.linear", [run.data((4,)), fc], (), at="fc(y)")
    run.backward(run.op("Tensor.add", [scaled, other], (), at="(a * w) + fc(y)"), at="loss.backward()")

    found = diagnose([run.step({fc: PRESENT, spare: PRESENT})])

    assert [finding for finding in found if finding.loud] == []


def test_a_maximum_subtracted_as_a_constant_and_added_again_is_meant() -> None:
    """The log-sum-exp that is written by hand: its shift is a constant, and rightly so."""
    run, fc, spare = program("m = x.detach()\nloss = (x - m).exp() + m\nloss.backward()\n")
    x = run.op("F.linear", [run.data((4,)), fc, spare], ())
    m = run.op("Tensor.detach", [x], (), at="x.detach()", tracked=False)
    shifted = run.op("Tensor.exp", [run.op("Tensor.sub", [x, m], (), at="x - m")], (), at="(x - m).exp()")
    run.backward(run.op("Tensor.add", [shifted, m], (), at="(x - m).exp() + m"), at="loss.backward()")

    found = diagnose([run.step({fc: PRESENT, spare: PRESENT})])

    assert [finding for finding in found if finding.loud] == []


# exceptions


def test_a_shape_error_is_reported_as_itself_and_blames_no_tracking() -> None:
    run, fc, _ = program("loss = fc(x)\n")

    (finding,) = diagnose(
        [run.exception("RuntimeError", "mat1 and mat2 shapes cannot be multiplied", "fc(x)", [fc])]
    )

    assert (finding.rule, finding.severity, finding.line) == (Rule.OTHER, Severity.ERROR, 1)
    assert "shapes" in finding.message
    assert "not about gradients" in finding.message


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("KeyError", "'hidden_size'"),
        ("AttributeError", "'Config' object has no attribute 'image_size'"),
        ("RuntimeError", "the tokenizer was resized"),
    ],
)
def test_an_exception_that_only_sounds_like_shapes_is_not_called_one_of_shapes(
    kind: str, message: str
) -> None:
    run, fc, _ = program("loss = fc(x)\n")

    (finding,) = diagnose([run.exception(kind, message, "fc(x)", [fc])])

    assert "shapes" not in finding.message
    assert ".shape" not in finding.fix


def test_a_leaf_that_is_written_in_place_is_named_at_the_write() -> None:
    run, fc, _ = program("fc.weight.clamp_(-1, 1)\n")
    message = "a leaf Variable that requires grad is being used in an in-place operation."

    (finding,) = diagnose([run.exception("RuntimeError", message, "fc.weight.clamp_(-1, 1)", [fc])])

    assert (finding.rule, finding.severity, finding.line) == (Rule.LEAF_INPLACE, Severity.ERROR, 1)
    assert finding.affected == ("fc.weight",)
    assert "no_grad" in finding.fix


UNTRACKED = "element 0 of tensors does not require grad and does not have a grad_fn"


def test_a_loss_without_a_graph_is_explained_by_the_cut_above_it() -> None:
    run, fc, _ = program("p = fc(x).argmax()\nloss = p.float()\nloss.backward()\n")
    picked = run.op("F.linear", [run.data((4,)), fc], (4,), at="fc(x)")
    picked = run.op("Tensor.argmax", [picked], (), at="fc(x).argmax()", tracked=False, dtype="int64")
    loss = run.op("Tensor.float", [picked], (), at="p.float()")
    run.backward(loss, at="loss.backward()")

    finding, *_ = diagnose([run.exception("RuntimeError", UNTRACKED, "loss.backward()")])

    assert (finding.rule, finding.line) == (Rule.NONDIFFERENTIABLE_OP, 1)


def test_a_loss_of_frozen_parameters_is_explained_by_the_line_that_froze_them() -> None:
    run, fc, _ = program("p.requires_grad = False\nloss = fc(x)\nloss.backward()\n")
    frozen = run.flag(fc, at="p.requires_grad = False")
    run.backward(run.op("F.linear", [run.data((4,)), frozen], (), at="fc(x)"), at="loss.backward()")

    (finding,) = diagnose([run.exception("RuntimeError", UNTRACKED, "loss.backward()")])

    assert (finding.rule, finding.line) == (Rule.FROZEN_LEAF, 1)


def test_a_version_error_is_explained_by_the_writer() -> None:
    run, fc, _ = program("h = relu(fc(x))\nh += 1\nloss = h.sum()\nloss.backward()\n")
    hidden = run.op(
        "torch.relu", [run.op("F.linear", [run.data((4,)), fc], (2, 3))], (2, 3), at="relu(fc(x))"
    )
    written = run.write("Tensor.add_", hidden, at="h += 1")
    run.backward(run.op("Tensor.sum", [written], (), at="h.sum()"), at="loss.backward()")
    message = (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[torch.FloatTensor [2, 3]], which is output 0 of ReluBackward0, is at version 1; expected "
        "version 0 instead."
    )

    (finding,) = diagnose([run.exception("RuntimeError", message, "loss.backward()")])

    assert (finding.rule, finding.line) == (Rule.INPLACE_VERSION, 2)
    assert "`h = h + 1`" in finding.fix


def test_a_version_error_hides_no_other_write_that_would_raise_as_well() -> None:
    run, fc, _ = program("h = fc(x).sigmoid()\nh += 1\no = h.exp()\no += 2\no.sum().backward()\n")
    hidden = run.op("torch.sigmoid", [fc], (4,), at="fc(x).sigmoid()")
    risen = run.op("torch.exp", [run.write("Tensor.add_", hidden, at="h += 1")], (4,), at="h.exp()")
    first = len(run.calls) - 2
    loss = run.op("Tensor.sum", [run.write("Tensor.add_", risen, at="o += 2")], (), at="o.sum()")
    # The graph from its root: sum, add, exp, add, sigmoid.
    run.stale += [
        StaleSave(4, "_saved_result", 0, 1, call=first),
        StaleSave(2, "_saved_result", 0, 1, call=first + 2),
    ]
    held = run.backward(loss, at="o.sum().backward()")
    message = (
        "one of the variables needed for gradient computation has been modified by an inplace operation: "
        "[torch.FloatTensor [4]], which is output 0 of Exp, is at version 1; expected version 0 instead."
    )
    raised = replace(run.exception("RuntimeError", message, "o.sum().backward()"), graph=held.graph)

    assert [finding.line for finding in diagnose([held, raised])] == [4, 2]


def test_a_second_backward_is_explained_by_what_was_carried_over() -> None:
    run, fc, spare = program("state = cell(x)\nloss = out(state)\nloss.backward()\nloss = out(state)\n")
    state = run.op("torch.tanh", [fc], (4,), at="cell(x)")
    run.backward(run.op("F.linear", [state, spare], (), at="out(state)"), at="loss.backward()")
    run.step({fc: PRESENT, spare: PRESENT})
    run.backward(run.op("F.linear", [state, spare], (), at="out(state)"), at="loss.backward()")
    message = "Trying to backward through the graph a second time"

    (finding,) = diagnose([run.exception("RuntimeError", message, "loss.backward()")])

    assert (finding.rule, finding.line, finding.affected) == (Rule.DOUBLE_BACKWARD, 1, ("state",))


# all together


def lost_twice() -> list[Snapshot]:
    run, fc, spare = program("h = fc(x).detach()\nloss = spare(h)\nloss.backward()\n")
    hidden = run.op("F.linear", [run.data((4,)), fc], (4,), at="fc(x)")
    free = run.op("Tensor.detach", [hidden], (4,), at="fc(x).detach()", tracked=False)
    run.backward(run.op("F.linear", [free, spare], (), at="spare(h)"), at="loss.backward()")
    return [run.step({fc: NONE, spare: PRESENT})]


@pytest.mark.parametrize("mute", ["detach", "fc.weight", "fc"])
def test_a_finding_is_muted_by_its_rule_its_parameter_or_the_module_around_it(mute: str) -> None:
    assert len(diagnose(lost_twice())) == 1
    assert diagnose(lost_twice(), mute=[mute]) == ()


def test_every_finding_can_be_followed_to_its_call_and_its_parameters() -> None:
    snapshots = lost_twice()

    (finding,) = diagnose(snapshots)

    assert snapshots[0].trace.call(finding.call).function == "Tensor.detach"
    assert {snapshots[0].parameters[0].tensor} == set(finding.tensors)
    assert finding.confidence is Confidence.EXACT
    assert finding.call != NOTHING


def test_a_rule_that_fails_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(run: Run) -> list[Finding]:
        raise IndexError(len(run.scenes))

    run, fc, spare = program()
    trained(run, fc)
    snapshots = [run.step({fc: PRESENT, spare: NONE}), run.end()]
    monkeypatch.setattr(engine, "RULES", (broken, *engine.RULES))
    faults: list[str] = []

    (finding,) = diagnose(snapshots, (), faults)
    assert finding.affected == ("spare.weight",)
    assert len(faults) == 1
    assert faults[0].startswith("The rule broken failed")
    assert faults[0].endswith("(IndexError: 2).")
    with pytest.raises(IndexError):
        diagnose(snapshots)


def with_losses(snapshot: Snapshot, *losses: float | None) -> Snapshot:
    """The same with other losses at its backwards."""
    stops = zip(snapshot.stops, losses, strict=True)
    return replace(snapshot, stops=tuple(replace(stop, loss=loss) for stop, loss in stops))


def test_a_loss_that_is_nan_is_an_error_at_the_first_backward_that_has_one() -> None:
    run, fc, spare = program()
    trained(run, fc)
    first = run.step({fc: PRESENT, spare: PRESENT})
    trained(run, fc)
    second = run.step({fc: NAN, spare: NAN})

    (finding,) = diagnose([first, with_losses(second, 0.5, float("nan"))])

    assert (finding.rule, finding.severity, finding.line) == (Rule.NAN_GRADIENT, Severity.ERROR, 5)
    assert (finding.confidence, finding.stop) == (Confidence.LIKELY, 2)
    assert "backward 2 is nan" in finding.message
    assert "was 0.5" in finding.message


def test_gradients_that_were_no_numbers_before_the_loss_was_are_told_first() -> None:
    run, fc, spare = program()
    trained(run, fc)
    first = run.step({fc: NAN, spare: NAN})
    trained(run, fc)
    second = run.step({fc: NAN, spare: NAN})

    (finding,) = diagnose([first, with_losses(second, 0.5, float("nan"))])

    assert finding.stop == 1
    assert finding.message.startswith("After backward 1 the gradient of `fc.weight` and `spare.weight`")
    assert "From backward 2 on the loss is nan" in finding.message


def test_where_the_operation_is_known_nothing_more_is_said_of_numbers_that_are_none() -> None:
    run, fc, _ = program()
    loss = trained(run, fc)
    tensor, call = run.values[fc]["tensor"], run.values[loss]["producer"]
    dead = replace(run.step({fc: NAN}), deaths=(Death(1, call, "SqrtBackward0", GradHealth.NAN, (tensor,)),))

    (finding,) = diagnose([with_losses(dead, float("nan"))])

    assert finding.confidence is Confidence.EXACT


def test_no_call_of_a_backward_is_to_blame_once_a_step_has_written_nan() -> None:
    run, fc, _ = program()
    loss = trained(run, fc)
    tensor, call = run.values[fc]["tensor"], run.values[loss]["producer"]
    first = run.step({fc: NAN})
    loss = trained(run, fc)
    innocent = Death(1, call, "ReluBackward0", GradHealth.NAN, (tensor,), backward=2)
    second = replace(run.step({fc: NAN}), deaths=(innocent,))

    (finding,) = diagnose([first, with_losses(second, 0.5, float("nan"))])

    assert finding.confidence is Confidence.LIKELY
    assert finding.message.startswith("After backward 1 the gradient of `fc.weight`")


def test_nothing_is_called_meant_before_the_optimizer_has_stepped_that_would_show_it() -> None:
    run = Program("fake = net(x).detach()\nloss = judge(fake)\nloss.backward()\noptimizer.step()\n")
    net = run.parameter("net.weight", (4, 4), at="net(x)")
    judge = run.parameter("judge.weight", (4, 4), at="judge(fake)")
    run.optimizer("Adam", [judge], name="optimizer_d")
    run.optimizer("Adam", [net], name="optimizer_g")
    fake = run.op("F.linear", [run.data((4,)), net], (4,), at="net(x)")
    cut = run.op("Tensor.detach", [fake], (4,), at="net(x).detach()", tracked=False)
    loss = run.op("F.linear", [cut, judge], (), at="judge(fake)")
    run.backward(loss, at="loss.backward()")
    stepped = run.step({judge: PRESENT})
    again = run.op("F.linear", [run.data((4,)), judge], (), at="judge(fake)")
    held = run.backward(again, at="loss.backward()")

    (finding,) = diagnose([stepped, held])

    assert (finding.severity, finding.rule) == (Severity.NOTE, Rule.DETACH)
    assert "shows when the optimizer that holds them steps" in finding.message
    (finding,) = diagnose([stepped, held, run.end()])
    assert "meant, by the look of it" in finding.message


@pytest.mark.parametrize(("at", "told"), [("svi.step()", False), ("torch.zeros(4)", True)])
def test_a_leaf_that_a_library_makes_for_one_step_is_no_unused_parameter(at: str, *, told: bool) -> None:
    run, fc, _ = program(f"{SOURCE}average = torch.zeros(4)\nloss = svi.step()\n")
    kept = run.leaf("", (4,))
    run.parameters[-1] = replace(run.parameters[-1], names=(), made=run.site(at), made_by="torch.zeros")
    run.optimizer("Adam", [kept], at="svi.step()", name="of_the_average")
    trained(run, fc)

    found = diagnose([run.step({fc: PRESENT}), run.step({kept: NONE}, optimizer=1), run.end()])

    assert bool(found) is told


@pytest.mark.parametrize(
    ("file", "called", "severity"),
    [
        ("/lib/net.py", True, Severity.NOTE),
        ("/lib/net.py", False, Severity.ERROR),
        (SCRIPT, True, Severity.ERROR),
    ],
)
def test_what_a_librarys_module_makes_and_leaves_alone_is_a_note(
    file: str, severity: Severity, *, called: bool
) -> None:
    run, fc, _ = program(f"{SOURCE}model = Net()\n")
    norm = run.parameter("norm.weight", (4,), at="Net()")
    run.optimizer("Adam", [fc, norm], at="Adam(parameters)")
    trained(run, fc)
    net = Module("", "model", "Net", True, called=called, file=file)
    layer = Module("norm", "model", "BatchNorm1d", True, parent=0, called=False, file="/lib/norm.py")
    steps = [run.step({fc: PRESENT, norm: NONE}, optimizer=1), run.end()]

    found = diagnose([replace(one, modules=(net, layer)) for one in steps])

    assert [one.severity for one in found if "norm.weight" in one.affected] == [severity]
