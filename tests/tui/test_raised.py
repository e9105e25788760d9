"""What the screen says of a backward that raises: how far it came, where it raised, and why."""

from __future__ import annotations

from gradtui.tui.widgets.details import Details
from gradtui.tui.widgets.findings import Findings
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.parameters import Parameters
from tests.tui.feeds import Engine, gradient
from tests.tui.showing import Shown, showing
from tests.tui.test_stepping import held, node, program


async def finish(screen: Shown) -> None:
    await screen.press("f")
    await screen.until(lambda: screen.app.main.passage.raised or screen.app.main.passage.ended)


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
