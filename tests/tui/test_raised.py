"""What the screen says of a backward that raises: how far it came, where it raised, and why."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from gradtui.diagnosis.engine import diagnose
from gradtui.model.columns import NONE
from gradtui.model.findings import Rule
from gradtui.model.messages import Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import lines_of
from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.source import Source
from tests.builders import Program
from tests.debuggee.recording import seen
from tests.tui.feeds import Engine, MadeUp, gradient
from tests.tui.showing import Shown, showing
from tests.tui.test_stepping import held, node, program

VERSION = "RuntimeError: one of the variables has been modified by an inplace operation"


class Squared(torch.autograd.Function):
    @staticmethod
    def forward(ctx: object, x: Tensor) -> Tensor:  # noqa: ARG004 - torch hands it over
        return x * x

    @staticmethod
    def backward(ctx: object, grad: Tensor) -> Tensor:  # noqa: ARG004 - torch hands it over
        return grad.view(3, 5)


def writes_in_place() -> None:
    layers = [nn.Linear(4, 4) for _ in range(2)]
    hidden = torch.ones(2, 4)
    for layer in layers:
        kept = torch.sigmoid(layer(hidden))
        hidden = kept * kept.detach()
        kept += 1
    hidden.sum().backward()


def raises_in_its_own_backward() -> None:
    layer = nn.Linear(4, 4)
    loss = Squared.apply(layer(torch.ones(2, 4))).mean()  # type: ignore[no-untyped-call]
    loss.backward()


def raised(snapshots: list[Snapshot]) -> Snapshot:
    return next(one for one in snapshots if one.raised is not None)


async def finish(screen: Shown) -> None:
    await screen.press("f")
    await screen.until(lambda: screen.app.main.passage.raised or screen.app.main.passage.ended)


def sign(screen: Shown) -> str:
    """What stands before the words in the row under the tree's cursor."""
    tree = screen.app.main.graph
    return tree.line(tree.cursor, 90).plain.strip()[:1]


def lit(screen: Shown) -> str:
    """The line that the source shows."""
    source = screen.app.main.query_one(Source)
    assert source.site is not None
    view = screen.app.main.view
    assert view is not None
    return lines_of(view.sources[source.site.file])[source.site.line - 1].strip()


async def test_a_backward_seen_to_raise_reaches_only_what_it_had_come_to_wherever_that_is_said() -> None:
    async with held(raises={"ReluBackward0": "RuntimeError: in place"}) as (screen, _):
        await finish(screen)

        assert "✗ raised, 1 of 4 reached" in screen.header
        table = screen.text(Parameters)
        assert (table.count("✗ missed"), table.count("✓ reached")) == (3, 1)
        assert "backward raised" in screen.text(Optimizers)
        found = screen.text(Findings)
        assert "Nothing is wrong" not in found
        assert found.startswith("✗ This backward has raised RuntimeError: in place.")
        tree = screen.app.main.graph
        rows = [tree.line(index, 90).plain for index in range(tree.count)]
        assert all("◇" in row and "missed" in row for row in rows if "fc1.weight" in row or "fc1.bias" in row)
        await screen.press("G")
        assert "Backward didn't come here." in screen.text(Details)


async def test_a_gradient_that_is_seen_to_be_nan_comes_in_vain() -> None:
    before = program()
    engine = Engine(before, sends={node(before, "ReluBackward0"): gradient(nans=2)})
    async with showing(engine) as screen:
        await screen.until_stopped()
        assert "✓ 4 reached" in screen.header
        await finish(screen)

        assert "✓ 4 reached, 2 in vain" in screen.header
        assert screen.text(Parameters).count("▲ in vain") == 2


async def test_the_finding_that_explains_why_it_raised_stays_and_its_line_too() -> None:
    before = seen(writes_in_place)[0]
    assert before.graph is not None
    first = max((save.node for save in before.graph.stale), key=before.graph.sequence.__getitem__)
    engine = Engine(before, raises={first: VERSION})
    async with showing(engine, diagnose=diagnose, size=(120, 40)) as screen:
        await screen.until_stopped()
        said = screen.headline
        assert "kept += 1" in said
        await finish(screen)

        assert screen.headline.startswith(said)
        assert VERSION in screen.headline
        assert sign(screen) == "✗"
        assert lit(screen) == "kept += 1"
        assert "raises " not in screen.text(Parameters)


@pytest.mark.parametrize(
    ("run", "words", "line"),
    [
        (writes_in_place, "hidden", "kept += 1"),
        (raises_in_its_own_backward, "Squared.apply", "return grad.view(3, 5)"),
    ],
)
async def test_an_exception_that_nobody_stepped_into_is_shown_at_its_row_too(
    run: object, words: str, line: str
) -> None:
    assert callable(run)
    snapshots = seen(run)
    async with showing(MadeUp(*map(Stopped, (snapshots[0], raised(snapshots)))), diagnose=diagnose) as screen:
        await screen.until_stopped()
        await screen.press("g", "j", "c")
        await screen.until(lambda: screen.app.main.view.snapshot.raised is not None)  # type: ignore[union-attr]

        view = screen.app.main.view
        assert view is not None
        assert screen.app.main.graph.row == view.raising != NONE
        assert (screen.words, sign(screen), lit(screen)) == (words, "✗", line)
        await screen.press("w")
        assert any("✗ Backward raised at this row, at test_raised.py:" in row for row in screen.drawn)
        await screen.press("escape", "g", "w")
        assert any(f"The way from the loss to {words}" in row for row in screen.drawn)
        await screen.press("escape", "g", "4", "g", "enter")
        assert screen.app.main.graph.row == view.raising
        assert lit(screen) == line


async def test_the_way_to_what_lies_behind_says_on_which_row_backward_raised() -> None:
    async with held(raises={"ReluBackward0": "RuntimeError: in place"}) as (screen, _):
        await finish(screen)
        await screen.press("G", "w")

        said = "nothing is cut this way, but backward raised on it, at train.py:1, `torch.relu(self.fc1(x))`."
        assert any(f"✗ missed: {said}" in row for row in screen.drawn)


async def test_no_way_is_offered_from_the_loss_where_the_finding_is_about_no_row() -> None:
    run = Program("loss = f(w)\nother = g(v)\nloss.backward()\n")
    loss = run.op("f", [run.parameter("w", (3,))], (), at="f(w)", node="FBackward0")
    about = (run.finding(Rule.DETACH, "g(v)"),)
    async with showing(
        MadeUp(Stopped(run.backward(loss, "loss.backward()"))), findings=about, size=(80, 24)
    ) as screen:
        await screen.until_stopped()
        await screen.press("g")
        assert "w why" not in screen.app.main.query_one(Footer).render().plain
        await screen.press("w")
        assert (
            screen.notice == "The first finding is about no row here: go to a parameter or another row first."
        )
        assert any(screen.notice in row for row in screen.drawn)
        await screen.press("escape", "j")

        assert "w why" in screen.app.main.query_one(Footer).render().plain


async def test_w_on_the_loss_leads_to_the_parameter_that_a_finding_without_a_row_costs() -> None:
    run = Program("loss = f(w, v)\nloss.backward()\nclear()\n")
    values = [run.parameter(name, (3,)) for name in "wv"]
    loss = run.op("f", values, (), at="f(w, v)", node="FBackward0")
    about = (run.finding(Rule.GRAD_CLEARED, "clear()", affected=["v"]),)
    async with showing(MadeUp(Stopped(run.backward(loss, "loss.backward()"))), findings=about) as screen:
        await screen.until_stopped()
        await screen.press("g")
        assert "w why" in screen.app.main.query_one(Footer).render().plain
        await screen.press("w")

        assert any("The way from the loss to v" in row for row in screen.drawn)


def keeps_the_state_of_the_step_before() -> None:
    cell, state = nn.Linear(4, 4), torch.zeros(2, 4)
    optimizer = torch.optim.SGD(cell.parameters(), lr=0.1)
    for _ in range(2):
        state = torch.tanh(cell(torch.ones(2, 4)) + state)
        loss = state.square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


async def test_what_was_freed_before_a_backward_is_told_from_what_that_has_freed_itself() -> None:
    snapshots = seen(keeps_the_state_of_the_step_before)
    second = next(one for one in snapshots if one.stop.index == 2)
    marked = []
    for snapshot in (second, raised(snapshots)):
        async with showing(MadeUp(Stopped(snapshot)), diagnose=diagnose) as screen:
            await screen.until_stopped()
            view = screen.app.main.view
            assert view is not None
            rows = range(len(view.rows))
            marked.append([row for row in rows if view.labels.label(row).name == "already freed"])

    before, after = marked
    assert before == after != [0]
