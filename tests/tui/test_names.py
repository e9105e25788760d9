"""What things are called: tensors where the program has raised, and how many names have room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Rule
from gradtui.model.messages import Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import SourceFile
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.parameters import Parameters
from tests.builders import Program
from tests.debuggee.recording import seen
from tests.tui.feeds import MadeUp
from tests.tui.showing import showing, shown


def raised_by(program: Callable[[], object]) -> Snapshot:
    snapshot = next(one for one in seen(program) if one.raised is not None)
    return replace(snapshot, sources=(SourceFile(__file__, Path(__file__).read_text()),))


def weights() -> list[torch.Tensor]:
    first = (torch.ones(3, 2) / 2).requires_grad_()
    last = torch.ones(2, requires_grad=True)
    return [first, last]


def writes_a_leaf() -> None:
    held = weights()
    loss = (torch.ones(4, 3) @ held[0] @ held[1]).sum()
    loss.backward()
    for one in held:
        one -= 0.1 * one.grad  # type: ignore[operator]


async def test_a_tensor_that_no_variable_holds_any_more_is_called_as_where_it_was_made() -> None:
    snapshot = raised_by(writes_a_leaf)
    async with showing(MadeUp(Stopped(snapshot)), diagnose=diagnose) as screen:
        await screen.until_stopped()
        table = screen.text(Parameters)

        assert "◆ last" in table
        assert "◆ one" in table
        assert "a tensor" not in "\n".join(screen.drawn) + table


async def test_what_is_written_in_place_by_mistake_has_not_got_its_gradient_in_vain() -> None:
    snapshot = raised_by(writes_a_leaf)
    async with showing(MadeUp(Stopped(snapshot)), diagnose=diagnose) as screen:
        await screen.until_stopped()

        assert "leaf_inplace" in {finding.rule for finding in screen.app.main.view.findings}  # type: ignore[union-attr]
        assert "in vain" not in screen.text(Parameters)
        assert "▲" not in screen.text(Parameters)


async def test_a_call_that_raised_has_no_shape_but_those_of_what_went_in() -> None:
    def program() -> None:
        weight = torch.ones(3, 4, requires_grad=True)
        data = torch.ones(2, 5)
        (data @ weight).sum().backward()

    snapshot = raised_by(program)
    async with showing(MadeUp(Stopped(snapshot)), diagnose=diagnose) as screen:
        await screen.until_stopped()
        facts = screen.text(Details)

        assert "none: it raised" in facts
        assert [shape in facts for shape in ("data (2, 5)", "weight (3, 4)")] == [True, True]
        assert "unknown" not in facts
        assert "not part of this backward" not in facts


async def test_the_headline_gives_up_names_before_the_reason_where_room_is_little() -> None:
    run = Program("loss = f(w)\nloss.backward()\n")
    loss = run.op("f", [run.parameter("w", (3,))], (), at="f(w)")
    names = ", ".join(
        f"`relations.{name}.projection.weight`" for name in ("likes", "follows_each_other", "blocks")
    )
    reason = (
        "they are kept in a plain dict, of which parameters() lists none, so that no optimizer moves them"
    )
    about = run.finding(Rule.UNREGISTERED_PARAMETER, "f(w)", f"{names} and 3 more never learn; {reason}.")
    snapshot = run.backward(loss, "loss.backward()")
    async with shown(Stopped(snapshot), findings=(about,), size=(80, 24)) as screen:
        await screen.until_stopped()
        said = " ".join(screen.headline.split())
        assert f"relations.likes.projection.weight and 5 more never learn; {reason}." in said
    async with shown(Stopped(snapshot), findings=(about,), size=(160, 40)) as screen:
        await screen.until_stopped()
        assert "relations.blocks.projection.weight and 3 more" in " ".join(screen.headline.split())
