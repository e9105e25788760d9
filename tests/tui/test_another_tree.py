"""A finding about another backward than the one whose tree is shown: that is said, and what leads there."""

from __future__ import annotations

from dataclasses import replace

from gradtui.model.findings import Finding, Rule
from gradtui.model.messages import Seen, Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome
from gradtui.session.events import Ended
from gradtui.tui.widgets.findings import Findings
from tests.builders import Program
from tests.tui.showing import shown

SOURCE = """\
encoded = f(w)
encoded.backward()
fake = g(v)
decoded = h(fake.detach())
decoded.backward()
"""


def two_losses() -> tuple[Snapshot, Snapshot, Finding]:
    run = Program(SOURCE)
    first = run.backward(run.op("f", [run.parameter("w", (3,))], (), at="f(w)"), "encoded.backward()")
    fake = run.op("g", [run.parameter("v", (3,))], (3,), at="g(v)")
    cut = run.op("Tensor.detach", [fake], (3,), at="fake.detach()", tracked=False)
    loss = run.op("h", [cut, run.parameter("u", (3,))], (), at="h(fake.detach())")
    second = run.backward(loss, "decoded.backward()")
    return first, second, replace(run.finding(Rule.DETACH, "fake.detach()", affected=["v"]), stop=2)


async def test_w_says_of_which_backward_a_finding_is_and_which_keys_hold_it_there() -> None:
    first, second, finding = two_losses()
    unseen = replace(second, graph=None)
    async with shown(Stopped(first), Seen(unseen), findings=(finding,), size=(80, 24)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        await screen.until(lambda: len(screen.app.main.view.latest.stops) == 2)  # type: ignore[union-attr]
        assert "at backward 2, not in this tree of backward 1" in screen.text(Findings)
        said = "This is of backward 2, and the tree is of backward 1: R, then c, leads there."
        for keys in (("1", "g", "w"), ("4", "g", "enter")):
            await screen.press(*keys)
            assert screen.notice == said
            assert any(said in row for row in screen.drawn)
            await screen.press("escape")


async def test_the_tree_of_the_backward_that_a_finding_is_about_is_shown_where_it_was_kept() -> None:
    first, second, finding = two_losses()
    async with shown(Stopped(first), Seen(second), Ended(Outcome(0)), findings=(finding,)) as screen:
        await screen.until_stopped()
        await screen.press("C")
        await screen.until(lambda: not screen.app.main.status.running)
        await screen.press("1", "g", "w")
        await screen.until(lambda: screen.app.main.view.snapshot.stop.index == 2)  # type: ignore[union-attr]

        assert screen.words == "fake.detach"
        assert screen.focused == "graph"
