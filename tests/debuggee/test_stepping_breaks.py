"""Conditions that hold a backward: where they do, and where they don't."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch

from gradtui.debuggee import stepping
from gradtui.debuggee.instrumentation import Instrumentation
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.messages import Act, Command, Reason, Stepped, Stopped
from tests.debuggee.stepped import HERE, chain, line_of, modules
from tests.debuggee.viewer import CONTINUE, Viewer, going, shown, watched


def held_at(program: Callable[[], object], *breaks: Break) -> tuple[list[str], Viewer]:
    """Names of the nodes at which these breaks hold, one after the other."""
    viewer = Viewer()
    viewer.receive = lambda: going(*breaks)  # type: ignore[method-assign]
    with watched(viewer):
        program()
    assert all(message.reason is Reason.BREAK for message in viewer.stepped)
    return viewer.nexts, viewer


def test_a_break_holds_before_its_node() -> None:
    assert held_at(chain, Break(BreakKind.NODE, "SinBackward0"))[0] == ["SinBackward0"]
    here = Break(BreakKind.NODE, "ExpBackward0", str(HERE), line_of("# exp is here"))
    assert held_at(chain, here)[0] == ["ExpBackward0"]
    elsewhere = Break(BreakKind.NODE, "ExpBackward0", str(HERE), 1)
    assert held_at(chain, elsewhere)[0] == []


def test_one_of_several_nodes_of_a_name_and_place_can_be_meant() -> None:
    def program() -> None:
        x = torch.ones(2, requires_grad=True)
        for _ in range(3):
            x = x.exp()
        x.sum().backward()

    every, _ = held_at(program, Break(BreakKind.NODE, "ExpBackward0"))
    assert len(every) == 3
    one, viewer = held_at(program, Break(BreakKind.NODE, "ExpBackward0", occurrence=1))
    assert len(one) == 1
    assert viewer.stepped[0].steps == 2


def test_a_line_a_module_and_a_parameter_hold_where_backward_comes_to_them() -> None:
    assert held_at(chain, Break(BreakKind.LINE, "", str(HERE), line_of("# exp is here")))[0] == [
        "ExpBackward0"
    ]
    names, viewer = held_at(modules, Break(BreakKind.MODULE, "first"))
    assert names == ["TanhBackward0"]
    assert "AddmmBackward0" in viewer.passed  # of the other block, which comes first
    names, viewer = held_at(modules, Break(BreakKind.PARAMETER, "first.linear.bias"))
    assert names == ["AccumulateGrad"]
    graph, parameters = viewer.stopped[0].graph, viewer.stopped[0].parameters
    assert graph is not None
    leaf = graph.leaf[viewer.stepped[0].next_node]
    assert next(p.name for p in parameters if p.tensor == leaf) == "first.linear.bias"


def broken() -> None:
    x = torch.tensor([0.0, 1.0], requires_grad=True)
    (x * 2).sqrt().mul(0.5).sum().mul(0.0).backward()


@pytest.mark.parametrize("large", [False, True])
@pytest.mark.parametrize(("kind", "culprit"), [("nonfinite", "SqrtBackward0"), ("zero", "MulBackward0")])
def test_the_first_bad_gradient_holds_right_after_the_node_that_made_it(
    kind: str, culprit: str, large: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if large:
        monkeypatch.setattr(stepping, "LARGE", 1)
    wanted = Break(BreakKind(kind))
    _, viewer = held_at(broken, wanted)
    (message,) = viewer.stepped
    assert viewer.name(message.passed[-1].node) == culprit
    assert message.broke == wanted


def test_a_bad_gradient_of_the_last_node_holds_at_the_end_of_backward() -> None:
    def program() -> None:
        chain()
        x = torch.zeros(2, requires_grad=True)
        torch.autograd.grad(x.sqrt().sum(), x)

    viewer = shown(program, CONTINUE, going(Break(BreakKind.NONFINITE)))
    (message,) = viewer.stepped
    assert (message.reason, message.next_node) == (Reason.BREAK, -1)
    assert viewer.passed[-1] == "SqrtBackward0"


def test_a_half_whose_norm_overflows_is_finite_and_squares_that_vanish_are_no_zeros() -> None:
    def program() -> None:
        x = torch.ones(4, dtype=torch.float16, requires_grad=True)
        (x * 1.0).backward(gradient=torch.full((4,), 60000.0, dtype=torch.float16))
        y = torch.ones(4, requires_grad=True)
        (y * 1.0).backward(gradient=torch.full((4,), 1e-30))

    assert held_at(program, Break(BreakKind.NONFINITE), Break(BreakKind.ZERO))[0] == []


def test_a_norm_holds_where_it_crosses_its_bound() -> None:
    def program() -> None:
        x = torch.ones(1, requires_grad=True)
        ((((x * 1.0) * 0.01) * 100.0) * 10.0).backward()

    assert len(held_at(program, Break(BreakKind.ABOVE, bound=50.0))[0]) == 1
    # It begins below, and comes back.
    assert len(held_at(program, Break(BreakKind.BELOW, bound=50.0))[0]) == 2


def test_a_norm_that_is_beyond_its_bound_from_the_beginning_holds_at_the_first_node_and_no_other() -> None:
    def program() -> None:
        x = torch.ones(1, requires_grad=True)
        ((x * 2.0) * 3.0).backward()

    held, _ = held_at(program, Break(BreakKind.ABOVE, bound=0.5))
    assert len(held) == 1


def test_gradients_that_cancel_where_they_are_added_up_hold_after_the_node_that_is_handed_their_sum() -> None:
    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        y = x * 2.0
        (y - y * 0.999).sum().backward()

    held, viewer = held_at(program, Break(BreakKind.BELOW, bound=0.1))

    assert viewer.name(viewer.stepped[0].passed[-1].node) == "MulBackward0"
    assert held == [viewer.nexts[0]] == ["AccumulateGrad"]


def test_a_break_can_be_switched_off_while_it_is_held() -> None:
    wanted = Break(BreakKind.NODE, "ExpBackward0")
    viewer = shown(lambda: (chain(), chain(), chain()), going(wanted), CONTINUE, CONTINUE, going(wanted))
    assert viewer.nexts == ["ExpBackward0", "ExpBackward0"]
    assert len(viewer.stopped) == 3


def test_past_backwards_it_is_held_only_where_a_break_comes_true_and_the_backward_is_shown_first() -> None:
    def program() -> None:
        for scale in (1.0, 1.0, math.nan, 1.0):
            x = torch.ones(2, requires_grad=True)
            (x * scale).exp().sum().backward()

    nonfinite = going(Break(BreakKind.NONFINITE), act=Act.RUN)
    viewer = shown(program, nonfinite, nonfinite)
    assert [snapshot.stop.index for snapshot in viewer.stopped] == [1, 3]
    last = [m for m in viewer.said if isinstance(m, (Stopped, Stepped))][-2:]
    assert [type(message) for message in last] == [Stopped, Stepped]
    assert viewer.passed[-1] == "ExpBackward0"


def test_a_break_that_is_set_or_taken_away_while_a_backward_runs_counts_from_there_on() -> None:
    sine, exp = Break(BreakKind.NODE, "SinBackward0"), Break(BreakKind.NODE, "ExpBackward0")
    for before, now, held in ((exp, (sine,), ["SinBackward0"]), (sine, (), [])):
        viewer = Viewer()
        with watched(viewer) as watching:

            def runs(viewer: Viewer, watching: Instrumentation = watching) -> Command:
                assert watching._stops is not None
                watching._stops.holding.due = 0.0
                viewer.interrupts.append(Command(Act.ARM, breaks=now))  # noqa: B023 - it is called in this round
                return going(before, act=Act.RUN)  # noqa: B023

            viewer.says = [runs]
            chain()
        assert viewer.nexts == held
