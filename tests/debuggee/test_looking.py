"""What may be asked while the program is held: values, page by page, and expressions in its frames."""

from __future__ import annotations

import os
import random
import time
from typing import Any

import pytest
import torch
from torch import Tensor

from gradtui.debuggee import evaluating
from gradtui.debuggee.values import page_of
from gradtui.model.messages import BREAK_OFF, Act, Answer, Command, Evaluate, Show, Stepped
from tests.debuggee.viewer import FINISH, STEP, Viewer, watched

factor = 3


def asked(*says: Any, before: Any = None) -> tuple[list[Answer], Viewer, Tensor]:
    """The answers to questions that are put while a small program is held before its backward."""
    viewer = Viewer(*says)
    with watched(viewer):
        local = torch.arange(6.0).reshape(2, 3).requires_grad_()
        names = ["a", "b"]
        loss = (local * factor).sum()
        loss.backward()
        del names
    return viewer.answers, viewer, local


def evaluated(expression: str, frame: int = 0) -> Answer:
    return asked(Evaluate(7, expression, frame))[0][0]


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("local.shape", "torch.Size([2, 3])"),
        ("factor + 1", "4"),
        ("[name * factor for name in names]", "['aaa', 'bbb']"),
        ("  loss.item()\n", "45.0"),
        ("(lambda: names[0])()", "'a'"),
    ],
)
def test_an_expression_is_evaluated_in_the_frame_of_the_stop(expression: str, text: str) -> None:
    assert evaluated(expression) == Answer(7, text)


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ("nothing_of_that_name", "NameError: name 'nothing_of_that_name' is not defined"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("exit(3)", "SystemExit: 3"),
        ("(_ for _ in ()).throw(KeyboardInterrupt())", "KeyboardInterrupt"),
        ("x = 1", evaluating.STATEMENT),
        ("1 +", "SyntaxError: invalid syntax"),
        (" ", "SyntaxError: there is nothing to evaluate"),
    ],
)
def test_what_an_expression_raises_is_only_an_answer(expression: str, text: str) -> None:
    assert evaluated(expression) == Answer(7, text, error=True)


def test_an_expression_that_takes_long_can_be_broken_off_and_a_late_wish_does_no_harm() -> None:
    kill = f"__import__('os').kill, ({os.getpid()}, {int(BREAK_OFF)})"
    soon = f"__import__('threading').Timer(0.3, {kill}).start()"  # not before it is evaluated
    begin = time.monotonic()
    assert evaluated(f"{soon} or __import__('time').sleep(60)") == Answer(
        7, evaluating.BROKEN_OFF, error=True
    )
    assert time.monotonic() - begin < 30
    os.kill(os.getpid(), BREAK_OFF)
    assert evaluated("factor + 1") == Answer(7, "4")


def test_an_interrupt_while_something_is_evaluated_is_an_answer_unless_the_viewer_hangs_up_then() -> None:
    interrupted = Evaluate(7, "(_ for _ in ()).throw(KeyboardInterrupt())")
    answers, _, _ = asked(interrupted, Evaluate(8, "1"))
    assert [answer.text for answer in answers] == ["KeyboardInterrupt", "1"]
    with pytest.raises(KeyboardInterrupt):
        asked(interrupted, lambda _: None)
    assert asked(interrupted, Evaluate(8, "1"), lambda _: None)[2].grad is not None


def test_another_of_the_frames_can_be_asked() -> None:
    assert evaluated("expression", 1).text == "'expression'"


def test_a_long_answer_is_cut_off_and_says_so() -> None:
    text = evaluated("'x' * 100_000").text
    assert text.startswith("'xxx")
    assert len(text) < 25_000
    assert text.endswith("characters")


def test_an_expression_moves_no_random_numbers_and_no_mode() -> None:
    torch.manual_seed(1)
    before, python = torch.get_rng_state(), random.getstate()
    expression = (
        "torch.set_grad_enabled(False), torch.rand(3), __import__('random').random(), local.add_(1)[0]"
    )
    answers, viewer, _ = asked(Evaluate(1, expression))
    assert not answers[0].error or "in-place" in answers[0].text
    assert torch.equal(torch.get_rng_state(), before)
    assert random.getstate() == python
    assert torch.is_grad_enabled()
    calls = viewer.stopped[-1].trace.total_calls
    assert calls < 20


def test_a_backward_in_an_expression_goes_through_the_same_nodes_without_waking_a_hook() -> None:
    question = Evaluate(1, "torch.autograd.grad(loss, local, retain_graph=True)[0].sum().item()")
    answers, viewer, local = asked(STEP, question, FINISH)
    assert answers[0].text == "18.0"
    assert [message.steps for message in viewer.stepped] == [0, 3]
    assert local.grad is not None


def identity(viewer: Viewer, name: str) -> int:
    return next(p.tensor for p in viewer.stopped[-1].parameters if p.name == name)


def test_a_tensor_is_shown_as_torch_prints_it_while_it_is_alive() -> None:
    answers, _, local = asked(
        lambda viewer: Show(1, identity(viewer, "local")),
        lambda viewer: Show(2, identity(viewer, "local"), grad=True),
        Show(3, 123_456),
        FINISH,
        lambda viewer: Show(4, identity(viewer, "local"), grad=True),
    )
    values, early, gone, late = answers
    assert values.text == str(local.detach())
    assert (values.shown, values.total, values.offset) == (6, 6, 0)
    assert early.error
    assert gone.error
    assert late.text == str(local.grad)
    assert local._version == 0


def test_the_gradient_that_a_node_is_handed_is_shown_only_while_it_is_held_there() -> None:
    answers, _, _ = asked(STEP, STEP, Show(1, -1, 1), Show(2, -1, 0), Show(3, -1, 1, slot=1))
    assert answers[0].text == str(torch.ones(2, 3))
    assert [answer.error for answer in answers] == [False, True, True]


@pytest.mark.parametrize(
    "shape", [(7,), (1000,), (5, 3), (100, 7), (3, 4, 5), (2, 90, 300), (1, 1), (2, 3, 4, 500)]
)
def test_pages_follow_each_other_and_have_every_element_once(shape: tuple[int, ...]) -> None:
    tensor = torch.arange(float(torch.Size(shape).numel())).reshape(shape)
    offset, seen = 0, []
    while offset < tensor.numel():
        index, start, count = page_of(shape, offset, 240)
        assert start == offset
        part = tensor[index].flatten().tolist()
        assert len(part) == count > 0
        seen += part
        offset += count
    assert seen == tensor.flatten().tolist()


def test_a_page_of_a_large_tensor_says_which_slice_it_is() -> None:
    viewer = Viewer(lambda v: Show(1, identity(v, "big"), offset=100 * 8 * 2 + 8 * 45))
    with watched(viewer):
        big = torch.arange(4 * 100 * 8.0).reshape(4, 100, 8).requires_grad_()
        big.sum().backward()
    (answer,) = viewer.answers
    header, _, text = answer.text.partition("\n")
    rows = range(answer.offset // 8 % 100, answer.offset // 8 % 100 + answer.shown // 8)
    assert 45 in rows
    assert header == f"[2, {rows.start}:{rows.stop}, :] of (4, 100, 8)"
    assert text == str(big.detach()[2, rows.start : rows.stop, :])


@pytest.mark.parametrize("width", [30, 80, 190])
def test_lines_are_as_wide_as_there_is_room_and_the_programs_own_are_as_they_were(width: int) -> None:
    viewer = Viewer(lambda v: Show(1, identity(v, "big"), width=width))
    with watched(viewer):
        big = torch.arange(400.0).requires_grad_()
        big.sum().backward()
        printed = str(big.detach())
    lines = viewer.answers[0].text.splitlines()[1:]
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) > width - 16  # one more element wouldn't have fitted
    assert printed == str(big.detach())


def test_the_programs_own_print_options_are_kept_to() -> None:
    torch.set_printoptions(precision=2, sci_mode=True)
    try:
        answers, _, local = asked(lambda viewer: Show(1, identity(viewer, "local")))
        assert answers[0].text == str(local.detach())
        assert "e+00" in answers[0].text
    finally:
        torch.set_printoptions(profile="default")


@pytest.mark.parametrize("tensor", ["torch.eye(3).to_sparse()", "torch.empty(0, 3)", "torch.tensor(2.5)"])
def test_a_tensor_of_another_kind_is_shown_whole(tensor: str) -> None:
    viewer = Viewer(lambda v: Show(1, identity(v, "odd")))
    with watched(viewer):
        odd = eval(tensor).requires_grad_()
        loss = odd.sum() + torch.ones(1, requires_grad=True).sum()
        loss.backward()
    assert viewer.answers[0].text == str(odd.detach())


def test_a_question_while_the_program_runs_is_answered_with_a_refusal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gradtui.debuggee.holding.HEARD", 0.0)
    viewer = Viewer(Command(Act.RUN))
    with watched(viewer):
        torch.ones(1, requires_grad=True).sum().backward()
        viewer.interrupts.append(Evaluate(5, "1"))  # type: ignore[arg-type]
        torch.ones(1, requires_grad=True).sum().backward()
    assert [(answer.request, answer.error) for answer in viewer.answers] == [(5, True)]
    assert not [message for message in viewer.said if isinstance(message, Stepped)]
