"""Random programs, torch as the oracle: what is reached, which line cut it off, and silence without a cut."""

from __future__ import annotations

import linecache
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Finding
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import StopKind
from tests.debuggee.recording import recording

UNARY = (
    "torch.tanh({0})",
    "torch.sigmoid({0}) * 2",
    "{0}.exp().log1p()",
    "{0}.t().contiguous()",
    "{0} / 1.5",
    "{0}.sin()",
)
BINARY = ("{0} + {1}", "{0} * {1}.cos()", "{0} @ {1} / 4", "{0} - {1} * 0.5", "torch.hypot({0} + 4, {1})")
"""Smooth ones: a maximum may really have a gradient of exactly zero."""

CUTS = (
    ("detach", "{0}.detach()"),
    ("data_attr", "{0}.data"),
    ("numpy_roundtrip", "torch.from_numpy({0}.detach().numpy())"),
    ("tensor_ctor", "torch.tensor({0}.tolist())"),
    ("nondifferentiable_op", "({0} > 0.1).float()"),
    ("nondifferentiable_op", "torch.argsort({0}, dim=1) / 4"),
)
"""Each with a rule that names it. A list of numbers is also rightly called a Python scalar."""

ALSO = {"tensor_ctor": {"python_scalar"}, "nondifferentiable_op": {"integer_cast"}}


@dataclass(frozen=True)
class Program:
    """A chain of statements, one a line; each uses the one before it, and all of them end in the loss."""

    lines: tuple[str, ...]
    parameters: int
    cut: int = 0
    """The line of the cut; 0 where there is none."""
    rule: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


@st.composite
def programs(draw: st.DrawFn, *, cut: bool) -> Program:
    """Of a few dozen statements; where a cut is asked for, at one of them."""
    parameters = draw(st.integers(1, 5))
    steps = draw(st.integers(parameters, 24))
    fresh = draw(st.permutations(range(steps)))[:parameters]
    where = draw(st.integers(0, steps - 1)) if cut else -1
    rule, form = draw(st.sampled_from(CUTS))
    lines = ["import torch", "torch.manual_seed(0)"]
    lines += [f"w{n} = torch.nn.Parameter(torch.randn(4, 4))" for n in range(parameters)]
    lines += [f"optimizer = torch.optim.SGD([{', '.join(f'w{n}' for n in range(parameters))}], lr=0.1)"]
    lines += ["v = torch.randn(4, 4)"]
    cut_line, used = 0, 0
    for step in range(steps):
        if step in fresh:
            lines.append("v = " + draw(st.sampled_from(BINARY)).format("v", f"w{used}"))
            used += 1
        else:
            lines.append("v = " + draw(st.sampled_from(UNARY)).format("v"))
        if step == where:
            lines.append("v = " + form.format("v"))
            cut_line = len(lines)
    # A last parameter behind everything: backward runs, and the fault is a silent one.
    lines += ["last = torch.nn.Parameter(torch.randn(4, 4))", "optimizer.add_param_group({'params': [last]})"]
    lines += ["loss = (torch.tanh(v) * last).mean()", "loss.backward()", "optimizer.step()"]
    return Program(tuple(lines), parameters, cut_line, rule)


def run(program: Program) -> tuple[list[Snapshot], dict[str, bool], str]:
    """Its snapshots, and for each parameter whether torch gave it a gradient; and its file."""
    with tempfile.NamedTemporaryFile("w", suffix=".py", delete=False) as file:
        file.write(program.text)
    space: dict[str, Any] = {"__name__": "__main__"}
    try:
        with recording(check=True) as made:
            exec(compile(program.text, file.name, "exec"), space)
            made.watching.ended(0)
    finally:
        linecache.clearcache()
        Path(file.name).unlink()
    got = {
        name: item.grad is not None for name, item in space.items() if isinstance(item, torch.nn.Parameter)
    }
    return made.snapshots, got, file.name


def loud(snapshots: list[Snapshot]) -> list[Finding]:
    return [finding for finding in diagnose(snapshots) if finding.loud]


MANY = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)


@MANY
@given(programs(cut=True))
def test_the_call_that_was_put_in_to_cut_is_the_one_that_is_named(program: Program) -> None:
    snapshots, got, file = run(program)
    lost = {name for name, gradient in got.items() if not gradient}
    findings = loud(snapshots)
    if not lost:
        assert findings == []
        return
    first = findings[0]
    assert (first.file, first.line) == (file, program.cut), program.text
    assert str(first.rule) in {program.rule, *ALSO.get(program.rule, ())}, program.text
    assert lost <= set(first.affected)


@MANY
@given(programs(cut=False))
def test_the_same_without_a_cut_is_quiet(program: Program) -> None:
    snapshots, got, _ = run(program)
    assert all(got.values())
    assert loud(snapshots) == [], program.text


@MANY
@given(programs(cut=True))
def test_what_is_said_to_be_reached_is_what_torch_gives_a_gradient(program: Program) -> None:
    snapshots, got, _ = run(program)
    step = next(s for s in snapshots if s.stop.kind is StopKind.STEP)
    assert step.graph is not None
    leaves = step.graph.leaves()
    names = {p.tensor: p.name for p in step.parameters}
    assert {names[leaf] for leaf in leaves} == {name for name, gradient in got.items() if gradient}
    (judgement,) = step.judgements
    assert {names[tensor] for tensor in judgement.reached} == {
        name for name, gradient in got.items() if gradient
    }
