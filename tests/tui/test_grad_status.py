"""How many gradients a backward brings is one number wherever it stands; one that raises brings fewer."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.optim import SGD

from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.grad_status import GradStatus, GradStatuses
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.graph import StaleSave
from gradtui.model.messages import Stopped
from gradtui.model.owners import GradState, Role
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import StopKind
from gradtui.tui.palette import CUT, REACHED
from gradtui.tui.view import view
from gradtui.tui.widgets.details import Details, why
from gradtui.tui.widgets.footer import Footer
from gradtui.tui.widgets.graph_tree import GraphTree
from gradtui.tui.widgets.optimizers import Optimizers
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.source import Source
from gradtui.tui.widgets.stops import Stops
from gradtui.tui.widgets.tabs import Tabs
from gradtui.tui.widgets.tree_lines import name_style
from tests.builders import Program
from tests.debuggee.recording import seen
from tests.tui.showing import Shown, shown


def two_layers(*, stale: bool = False, likely: bool = False) -> Snapshot:
    """Before a backward that reaches three parameters, with a frozen one that an optimizer holds."""
    run = Program("g += 1\nloss.backward()\n")
    held = [run.parameter(name, (3,)) for name in ("first", "second", "third")]
    held.append(run.parameter("frozen", (3,), requires_grad=False))
    run.optimizer("SGD", held)
    if stale:
        run.stale.append(StaleSave(0, "_saved_self", 0, 1, 0, likely))
    return run.backward(run.op("F.mse_loss", held, (), node="MseLossBackward0"), "loss.backward()")


def grad_statuses(snapshot: Snapshot) -> GradStatuses:
    assert snapshot.graph is not None
    return GradStatuses(snapshot, snapshot.graph.leaves(), about_backward=True)


def raised(snapshot: Snapshot) -> Snapshot:
    """The same after its backward has raised, once `third` had its gradient."""
    run = Program("loss.backward()\n")
    run.stops.extend(snapshot.stops)
    after = run.exception("RuntimeError", "modified by an inplace operation", "loss.backward()")
    assert after.raised is not None
    return replace(
        snapshot,
        stop=replace(after.stop, total=3, reached=3),
        stops=after.stops,
        raised=replace(after.raised, in_backward=True),
        parameters=tuple(
            replace(item, grad=GradState.PRESENT) if item.name == "third" else item
            for item in snapshot.parameters
        ),
    )


async def numbers(screen: Shown) -> tuple[str, str]:
    """What stands in the tab of the parameters, and how the last stop stands in the list of them."""
    tabs = {tab.pane: tab.count for tab in screen.app.main.query_one(Tabs).tabs}
    return tabs["parameters"], screen.text(Stops).splitlines()[1]


def test_an_activation_kept_as_an_attribute_could_not_learn_but_a_leaf_could() -> None:
    snapshot = two_layers()
    gate = replace(
        snapshot.parameters[0], tensor=97, names=("gate.last",), role=Role.ATTRIBUTE, is_leaf=False
    )
    scale = replace(gate, tensor=98, names=("scale",), is_leaf=True)
    snapshot = replace(snapshot, parameters=(*snapshot.parameters, gate, scale))

    assert [item.name for item in grad_statuses(snapshot).learners] == [
        "first", "second", "third", "frozen", "scale",
    ]  # fmt: skip
    assert grad_statuses(snapshot).count == {GradStatus.REACHED: 3, GradStatus.FROZEN: 1, GradStatus.CUT: 1}


async def test_header_headline_and_tab_count_the_same_with_frozen_ones_apart() -> None:
    async with shown(Stopped(two_layers())) as screen:
        await screen.until_stopped()

        assert "4 parameters  ✓ 3 reached  1 frozen" in screen.header
        assert screen.headline == (
            "✓ Every one of the 3 parameters that require grad will get a gradient from this backward; "
            "1 is frozen."
        )
        assert (await numbers(screen))[0] == "4"


def two_models(*, loud: bool) -> tuple[Snapshot, tuple[Finding, ...]]:
    """A loss of one model, given what another made, detached; which is an error or meant."""
    run = Program("fake = gen(z).detach()\nloss.backward()\n")
    run.parameter("gen.weight", (3,))
    disc = run.parameter("disc.weight", (3,))
    run.parameter("frozen.weight", (3,), requires_grad=False)
    severity = Severity.ERROR if loud else Severity.NOTE
    finding = run.finding(Rule.DETACH, "gen(z).detach()", severity=severity, affected=("gen.weight",))
    return run.backward(run.op("F.mse_loss", [disc], (), node="MseLossBackward0"), "loss.backward()"), (
        finding,
    )


async def test_what_no_loud_finding_is_about_is_not_part_of_this_loss_wherever_it_stands() -> None:
    snapshot, findings = two_models(loud=False)
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()
        seen = "\n".join([screen.header, screen.text(Parameters), screen.text(Stops)])

        assert "1 not part of this loss" in screen.header
        assert "train.py:1  detach" in screen.text(Parameters)
        assert "cut off" not in seen


@pytest.mark.parametrize(("together", "said"), [(True, "· Every"), (False, "✓ Every")])
async def test_a_loss_that_leaves_out_parameters_of_its_own_optimizer_is_not_called_well(
    said: str, *, together: bool
) -> None:
    run = Program("loss.backward()\n")
    here, other = run.parameter("here", (3,)), run.parameter("other", (3,))
    for held in [[here, other]] if together else [[here], [other]]:
        run.optimizer("SGD", held)
    loss = run.op("torch.sum", [here], (), node="SumBackward0")

    async with shown(Stopped(run.backward(loss, "loss.backward()"))) as screen:
        await screen.until_stopped()
        assert screen.headline.startswith(said)
        assert ("that the same optimizer holds" in screen.headline) is together


async def test_what_a_loud_finding_is_about_is_cut_off_and_a_frozen_one_is_not() -> None:
    snapshot, findings = two_models(loud=True)
    async with shown(Stopped(snapshot), findings=findings) as screen:
        await screen.until_stopped()

        assert "✗ 1 cut off  1 frozen" in screen.header
        assert screen.text(Parameters).count("cut off") == 1


@pytest.mark.parametrize(("width", "said"), [(60, "✗ 1"), (51, "✗")])
async def test_how_a_backward_stands_is_told_on_a_narrow_screen_too(width: int, said: str) -> None:
    snapshot, findings = two_models(loud=True)
    async with shown(Stopped(snapshot), findings=findings, size=(width, 24)) as screen:
        await screen.until_stopped()

        assert screen.header.rstrip().endswith(f" {said}")


@pytest.mark.parametrize("severity", [Severity.ERROR, Severity.NOTE])
async def test_what_is_reached_and_learns_nothing_comes_first_with_the_reason(severity: Severity) -> None:
    run = Program("loss = (kept * dead).sum()\nloss.backward()\n")
    kept, dead = run.parameter("kept", (3,)), run.parameter("dead", (3,))
    run.optimizer("SGD", [kept, dead])
    finding = run.finding(Rule.ZERO_GRADIENT, "kept * dead", severity=severity, affected=("dead",))
    loss = run.op("Tensor.sum", [kept, dead], (), node="SumBackward0")
    async with shown(Stopped(run.backward(loss, "loss.backward()")), findings=(finding,)) as screen:
        await screen.until_stopped()
        _, first, second = screen.text(Parameters).splitlines()[:3]

        assert ("✓ 2 reached, 1 in vain" in screen.header) is (severity is Severity.ERROR)
        if severity is Severity.ERROR:
            assert "dead" in first
            assert "▲ in vain  train.py:1  zero_gradient" in first
            assert "✓ reached" in second
            assert "zero_gradient" not in second
            tree = "\n".join(screen.drawn)
            assert "◆ dead" in tree
            assert "in vain  " in next(line for line in screen.drawn if "◆ dead" in line)
            await screen.press("5", "g", "enter")
            told = " ".join(screen.text(Details).split())
            assert f"in vain: reached by this backward; but train.py:1: {finding.message.rstrip('.')}" in told
        else:
            assert "zero_gradient" not in first + second


async def test_a_backward_that_will_raise_is_not_said_to_reach_anything() -> None:
    async with shown(Stopped(two_layers(stale=True))) as screen:
        await screen.until_stopped()

        assert "4 parameters  ✗ backward raises" in screen.header
        assert "Every one" not in screen.headline
        assert "✗ backward raises" in (await numbers(screen))[1]
        assert screen.text(Parameters).count("? raises") == 3
        assert "backward raises" in screen.text(Optimizers)


async def test_a_save_that_is_only_likely_to_be_stale_announces_no_exception() -> None:
    async with shown(Stopped(two_layers(stale=True, likely=True))) as screen:
        await screen.until_stopped()

        assert "✓ 3 reached" in screen.header


async def test_a_backward_that_raised_has_reached_what_has_its_gradient() -> None:
    async with shown(Stopped(raised(two_layers(stale=True)))) as screen:
        await screen.until_stopped()

        assert "✗ raised, 1 of 3 reached" in screen.header
        assert "✗ raised, 1 of 3 reached" in (await numbers(screen))[1]
        assert screen.text(Stops).splitlines()[2].count("✗ raised") == 1
        table = screen.text(Parameters)
        view = screen.app.main.view
        assert view is not None
        leaves = {view.labels.label(row).words: row for row in range(len(view.rows)) if row}
        assert view.labels.label(leaves["third"]).name == "reached"
        assert view.labels.label(leaves["first"]).name == "missed"
        assert name_style(view, leaves["third"]) == REACHED
        assert name_style(view, leaves["first"]) == CUT
        assert (table.count("✗ missed"), table.count("✓ reached"), table.count("frozen  ")) == (2, 1, 2)


@pytest.mark.parametrize(
    ("snapshot", "name", "sign", "word"),
    [
        (two_layers(), "first", "◆", "reached"),
        (two_layers(stale=True), "first", "◇", "raises"),
        (raised(two_layers(stale=True)), "first", "◇", "missed"),
        (raised(two_layers(stale=True)), "third", "◆", "reached"),
    ],
)
async def test_how_a_parameter_stands_has_one_sign_and_word_in_tree_table_node_and_way(
    snapshot: Snapshot, name: str, sign: str, word: str
) -> None:
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        main = screen.app.main
        await screen.press("slash", *name, "enter")
        row = main.graph.line(main.graph.cursor, 100).plain
        assert f"{sign} {name}" in row
        assert f" {word} " in row
        line = next(line for line in screen.text(Parameters).splitlines() if f" {name} " in line)
        assert line.startswith(f"{sign} {name}")
        assert f" {word} " in line
        assert f"gradient       {word}: " in screen.text(Details)
        await screen.press("w")
        drawn = "\n".join(screen.drawn)
        assert f" {word}: nothing " in drawn
        assert f" {sign} {name}" in drawn


async def test_what_one_way_is_cut_off_and_another_reaches_is_called_reached_as_in_the_header() -> None:
    run = Program("loss = f(a, a.detach())\nloss.backward()\n")
    tied = run.parameter("tied", (3,))
    severed = run.op("Tensor.detach", [tied], (3,), at="a.detach()", tracked=False)
    snapshot = run.backward(run.op("f", [tied, severed], (), node="FBackward0"), "loss.backward()")
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()

        assert "✓ 1 reached" in screen.header
        assert "cut off" not in screen.text(GraphTree)


async def test_a_fold_counts_those_that_a_raising_backward_missed_apart() -> None:
    run = Program("loss.backward()\n")
    hidden = run.leaf("x", (4,))
    for number in range(12):
        weights = (run.parameter(f"l.{number}.weight", (4, 4)), run.parameter(f"l.{number}.bias", (4,)))
        hidden = run.linear(f"l.{number}", hidden, 4, "", weights)
        hidden = run.op("torch.relu", [hidden], (4,), module=f"l.{number}", node="ReluBackward0")
    died = raised(run.backward(run.op("torch.sum", [hidden], (), node="SumBackward0"), "loss.backward()"))
    last = {f"l.{number}.{part}" for number in range(6, 12) for part in ("weight", "bias")}
    parameters = (
        replace(item, grad=GradState.PRESENT) if item.name in last else item for item in died.parameters
    )
    async with shown(Stopped(replace(died, parameters=tuple(parameters)))) as screen:
        await screen.until_stopped()
        await screen.press("minus")

        assert "◇ 13 missed  ◆ 12" in screen.text(GraphTree)


async def test_at_an_exception_nothing_is_offered_to_step_and_the_key_ends_nothing() -> None:
    async with shown(Stopped(raised(two_layers(stale=True)))) as screen:
        await screen.until_stopped()
        line = screen.app.main.query_one(Footer).render().plain
        await screen.press("s")

        assert "step" not in line
        assert "c let it end" in line
        assert screen.notice == "The program has raised, and nothing catches it: c lets it end."
        assert screen.feed.sent == []


async def test_x_goes_to_the_row_at_which_backward_will_raise_where_nothing_is_cut() -> None:
    async with shown(Stopped(two_layers(stale=True))) as screen:
        await screen.until_stopped()
        await screen.press("G", "x")

        assert screen.app.main.graph.row == 0
        assert not screen.notice


async def test_why_a_frozen_parameter_gets_nothing_is_that_it_is_frozen() -> None:
    run = Program("w = linear.weight\nloss.backward()\n")
    frozen = run.parameter("frozen", (3,), requires_grad=False)
    free = run.parameter("free", (3,))
    product = run.op("Tensor.mul", [frozen, free], (3,), node="MulBackward0")
    snapshot = run.backward(run.op("torch.sum", [product], (), node="SumBackward0"), "loss.backward()")
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        view = screen.app.main.view
        assert view is not None
        rows = [row for row in range(len(view.rows)) if view.labels.label(row).words == "frozen"]
        for row in rows:
            screen.app.main.graph.go_to(row)
            await screen.press("w")

            assert any("It is frozen" in line for line in screen.drawn)
            await screen.press("escape")


async def test_x_visits_the_steps_of_one_call_into_a_library_once() -> None:
    run = Program("y = sample(w)\nz = other(w)\nloss.backward()\n")
    weight = run.parameter("weight", (3,))
    parts = [
        run.op("Tensor.detach", [weight], (3,), at=at, tracked=False)
        for at in ("sample(w)", "sample(w)", "sample(w)", "other(w)")
    ]
    snapshot = run.backward(run.op("torch.cat", [weight, *parts], (), node="CatBackward0"), "loss.backward()")
    async with shown(Stopped(snapshot)) as screen:
        await screen.until_stopped()
        view = screen.app.main.view
        assert view is not None
        seen, titles = [], []
        for _ in range(4):
            await screen.press("x")
            seen.append(screen.app.main.graph.row)
            titles.append(str(screen.app.main.graph.border_title))

        assert len(view.rows.cuts) == 4
        assert len(set(seen)) == 2
        assert seen[:2] == seen[2:]
        assert {title.partition(", ")[2].strip() for title in titles} == {"cut 1 of 2", "cut 2 of 2"}


async def test_two_parameters_of_one_name_are_told_apart_and_only_the_lost_one_is_blamed() -> None:
    run = Program("loss = online(x) + target(x).detach()\nloss.backward()\n")
    online, target = (run.parameter("Net.weight", (3,)) for _ in range(2))
    lost = run.op("Tensor.detach", [target], (3,), at="target(x).detach()", tracked=False)
    snapshot = run.backward(run.op("Tensor.sum", [online, lost], (), node="SumBackward0"), "loss.backward()")
    finding = run.finding(Rule.DETACH, "target(x).detach()", affected=["Net.weight"])
    finding = replace(finding, tensors=(snapshot.parameters[1].tensor,))
    async with shown(Stopped(snapshot), findings=(finding,)) as screen:
        await screen.until_stopped()
        _, first, second = screen.text(Parameters).splitlines()

        assert "✓ 1 reached  ✗ 1 cut off" in screen.header
        assert first.startswith("◇ Net.weight (2 of 2)")
        assert second.startswith("◆ Net.weight (1 of 2)")
        assert "detach" not in second


async def test_x_visits_the_cut_that_a_finding_names_before_those_that_nobody_minds() -> None:
    run = Program("y = kept(w)\nz = lost(w)\nx = other(w)\nloss.backward()\n")
    weight = run.parameter("weight", (3,))
    parts = [
        run.op("Tensor.detach", [weight], (3,), at=at, tracked=False)
        for at in ("kept(w)", "lost(w)", "other(w)")
    ]
    snapshot = run.backward(run.op("torch.cat", [weight, *parts], (), node="CatBackward0"), "loss.backward()")
    finding = run.finding(Rule.DETACH, "lost(w)", "It is lost.", affected=["weight"])
    async with shown(Stopped(snapshot), findings=(finding,)) as screen:
        await screen.until_stopped()
        await screen.press("g")
        lines, titles = [], []
        for key in "xxxxX":
            await screen.press(key)
            site = screen.app.main.query_one(Source).site
            lines.append(site.line if site is not None else 0)
            titles.append(str(screen.app.main.graph.border_title))

        assert lines[0] == lines[3] == 2
        assert sorted(lines[1:3]) == [1, 3]
        assert lines[4] == lines[2]
        assert "cut 1 of 3" in titles[0]
        await screen.press("g", "x")
        assert screen.app.main.query_one(Source).site.line in (1, 3)  # type: ignore[union-attr]


def test_each_backward_is_cut_by_its_own_detach_and_not_by_that_of_another_loss() -> None:
    def program() -> None:
        maker, critic = nn.Linear(2, 2), nn.Linear(2, 1)
        of_maker, of_critic = (SGD(one.parameters(), lr=0.1) for one in (maker, critic))
        for _ in range(3):
            fake = maker(torch.ones(1, 2))
            told = fake.detach()
            critic(told).square().sum().backward()
            of_critic.step()
            judged = fake.detach()
            critic(judged).abs().sum().backward()
            of_maker.step()

    snapshots = seen(program)
    first = program.__code__.co_firstlineno
    backwards = [index for index, one in enumerate(snapshots) if one.stop.kind is StopKind.BACKWARD]
    told = []
    for index in backwards[:4]:
        now = view(snapshots[: index + 1], diagnose)
        weight = next(one for one in now.snapshot.parameters if one.names == ("maker.weight",))
        told.append((now.grad_statuses.of(weight), why(now, weight)))

    critics, makers = (f"detach at test_grad_status.py:{first + line}" for line in (5, 8))
    assert told == [
        (GradStatus.NOT_IN_LOSS, critics),  # nobody knows yet whether that is meant
        (GradStatus.NOT_IN_LOSS, makers),
        (GradStatus.NOT_IN_LOSS, ""),
        (GradStatus.CUT, makers),
    ]
