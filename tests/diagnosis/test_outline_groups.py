"""Rows folded by module: which groups there are, and which modules stand for several."""

from __future__ import annotations

import itertools

import pytest

from gradtui.diagnosis.outline import Outline, outline
from gradtui.diagnosis.outline.groups import Groups, grouped
from gradtui.model.snapshot import Snapshot
from tests.builders import Program

SOURCE = "out = net(x)\nloss = out.detach().sum()\nloss.backward()\n"


def layer(run: Program, hidden: int, number: int, *, extra: bool = False) -> int:
    """Two linear layers in a module of their own, with a residual."""
    name, inner = f"encoder.layers.{number}", hidden
    for part in ("up", "down", "more")[: 3 if extra else 2]:
        weights = (run.parameter(f"{name}.{part}.weight", (4, 4)), run.parameter(f"{name}.{part}.bias", (4,)))
        inner = run.linear(f"{name}.{part}", inner, 4, "net(x)", weights)
    return run.op("torch.add", [hidden, inner], (2, 4), at="net(x)", node="AddBackward0", module=name)


def stack(layers: int, *, odd: int = -1, order: tuple[int, ...] = ()) -> Snapshot:
    """Layers on an embedding, run in their order or in another; the odd one has a part more."""
    run = Program(SOURCE)
    hidden = run.op("F.embedding", [run.parameter("embed.weight", (9, 4))], (2, 4), module="embed")
    for number in order or range(layers):
        hidden = layer(run, hidden, number, extra=number == odd)
    return run.backward(run.op("torch.sum", [hidden], (), node="SumBackward0"), "loss.backward()")


def shown(snapshot: Snapshot) -> list[str]:
    """Each group as text: two blanks a step, its path, and how often it repeats."""
    groups = grouped(outline(snapshot), snapshot)
    return [
        f"{'  ' * (len([*groups.above(group)]) - 1)}{groups.path[group]}"
        + (f" x {groups.repeats[group]}" if groups.repeats[group] else "")
        for group in range(len(groups))
    ]


def test_layers_of_the_same_structure_stand_under_one_group_in_the_models_order() -> None:
    assert shown(stack(3)) == [
        "encoder.layers.0 … encoder.layers.2 x 3",
        "  encoder.layers.2",
        "  encoder.layers.1",
        "  encoder.layers.0",
    ]


def test_layers_that_run_in_another_order_are_told_from_the_lowest_to_the_highest() -> None:
    assert shown(stack(3, order=(1, 2, 0)))[0] == "encoder.layers.0 … encoder.layers.2 x 3"


def test_a_layer_that_differs_stands_by_itself() -> None:
    assert [text for text in shown(stack(5, odd=2)) if text.count("  ") == 1] == [
        "  encoder.layers.3 … encoder.layers.4 x 2",
        "  encoder.layers.2",
        "  encoder.layers.0 … encoder.layers.1 x 2",
    ]


def test_a_layer_with_a_cut_is_not_folded_into_its_healthy_neighbours() -> None:
    run = Program(SOURCE)
    hidden = run.parameter("embed.weight", (2, 4))
    for number in range(4):
        hidden = layer(run, hidden, number)
        if number == 1:
            hidden = run.op(
                "Tensor.detach",
                [hidden],
                (2, 4),
                at="out.detach()",
                tracked=False,
                module="encoder.layers.1",
            )
    snapshot = run.backward(run.op("torch.sum", [hidden], (), node="SumBackward0"), "loss.backward()")
    texts = [text.strip() for text in shown(snapshot)]

    assert "encoder.layers.2 … encoder.layers.3 x 2" in texts
    assert not any(" x 3" in text or " x 4" in text for text in texts)


def test_a_single_row_of_a_module_needs_no_group() -> None:
    run = Program(SOURCE)
    weights = (run.parameter("fc.weight", (4, 4)), run.parameter("fc.bias", (4,)))
    out = run.linear("fc", run.leaf("x", (1, 4)), 4, "net(x)", weights)
    snapshot = run.backward(out, "loss.backward()")

    assert shown(snapshot) == []


def test_a_graph_of_which_no_modules_are_known_has_no_groups() -> None:
    run = Program(SOURCE)
    out = run.op("torch.exp", [run.leaf("x", (4,))], (4,), node="ExpBackward0")

    assert shown(run.backward(out, "loss.backward()")) == []
    assert shown(Program().end()) == []


@pytest.mark.parametrize("layers", [1, 2, 7])
def test_any_two_groups_lie_apart_or_one_inside_the_other_and_across_no_branch(layers: int) -> None:
    snapshot = stack(layers, odd=1)
    rows = outline(snapshot)
    groups = grouped(rows, snapshot)
    ranges = [(groups.start[group], groups.end[group]) for group in range(len(groups))]
    branches = [(row + 1, end) for row, end in enumerate(rows.end) if end > row + 1]
    for (start, end), (other, last) in itertools.product(ranges, [*ranges, *branches]):
        assert (
            end <= other
            or last <= start
            or (start <= other and last <= end)
            or (other <= start <= end <= last)
        )


def test_the_innermost_group_around_a_row_is_found() -> None:
    snapshot = stack(3)
    rows = outline(snapshot)
    groups = grouped(rows, snapshot)
    for row in range(len(rows)):
        holding = [group for group in range(len(groups)) if groups.start[group] <= row < groups.end[group]]
        assert groups.around(row) == (holding[-1] if holding else -1)


def test_grouping_looks_at_each_row_a_fixed_number_of_times() -> None:
    def looks(layers: int) -> float:
        snapshot = stack(layers)
        rows = outline(snapshot)
        counting = Counting(rows)
        grouped(counting, snapshot)  # type: ignore[arg-type]
        return counting.looks / len(rows)

    assert looks(80) < 1.2 * looks(20)


class Counting:
    """An outline that counts how often its columns are asked."""

    def __init__(self, rows: Outline) -> None:
        self.rows, self.looks = rows, 0

    def __len__(self) -> int:
        return len(self.rows)

    def __getattr__(self, name: str) -> object:
        self.looks += 1
        return getattr(self.rows, name)


def test_nothing_has_no_groups_around_it() -> None:
    assert Groups().around(5) == -1
