"""The way from the loss to a tensor, and the break in it."""

from __future__ import annotations

from itertools import pairwise

from gradtui.diagnosis.outline import Outline, outline
from gradtui.diagnosis.outline.path import loss_path
from gradtui.model.columns import NONE
from gradtui.model.findings import Rule
from gradtui.model.snapshot import Snapshot
from tests.builders import Program
from tests.diagnosis.test_outline import named, silent_numpy
from tests.diagnosis.test_outline_groups import stack


def row_of(snapshot: Snapshot, rows: Outline, name: str) -> int:
    tensor = next(item.tensor for item in snapshot.parameters if item.name == name)
    return next(rows.row_of[vertex] for vertex, leaf in enumerate(rows.leaf) if leaf == tensor)


def test_the_way_to_a_parameter_beyond_a_cut_leads_through_it() -> None:
    run, snapshot = silent_numpy()
    rows = outline(snapshot, [run.finding(Rule.DETACH, "out.detach()")])
    found = loss_path(rows, snapshot, row_of(snapshot, rows, "fc1.weight"))
    texts = [named(snapshot, rows)[row].strip() for row in found.rows]

    assert texts == [
        "MseLossBackward0",
        "from_numpy",
        "numpy",
        "! detach",
        "linear",
        "relu",
        "linear",
        "fc1.weight",
    ]
    assert texts[found.rows.index(found.cut)] == "! detach"
    assert texts[found.rows.index(found.end)] == "from_numpy"


def test_the_way_to_what_backward_reaches_is_whole() -> None:
    _, snapshot = silent_numpy()
    rows = outline(snapshot)
    found = loss_path(rows, snapshot, row_of(snapshot, rows, "target"))

    assert len(found.rows) == 2
    assert (found.cut, found.end) == (NONE, NONE)


def test_every_step_of_a_whole_way_is_an_edge_that_backward_goes() -> None:
    snapshot = stack(6)
    rows, graph = outline(snapshot), snapshot.graph
    assert graph is not None
    for item in snapshot.parameters:
        steps = loss_path(rows, snapshot, row_of(snapshot, rows, item.name)).rows
        assert steps[0] == 0
        for above, below in pairwise(steps):
            reached, wanted = [rows.vertex[above]], rows.vertex[below]
            inside = set(rows.folded_into(below))
            while reached and wanted not in reached:
                reached = [
                    one for node in reached for one in graph.children(node) if one in {wanted, *inside}
                ]
            assert reached, f"{item.name}: no edge from row {above} to row {below}"


def test_of_two_uses_of_a_tensor_the_one_that_isnt_cut_is_the_way() -> None:
    run = Program("a = f(w).detach()\nloss = a * g(w)\nloss.backward()\n")
    weight = run.parameter("w", (3,))
    one = run.op("torch.exp", [weight], (3,), at="f(w)", node="ExpBackward0")
    severed = run.op("Tensor.detach", [one], (3,), at="f(w).detach()", tracked=False)
    other = run.op("torch.sin", [weight], (3,), at="g(w)", node="SinBackward0")
    loss = run.op("torch.mul", [severed, other], (3,), at="a * g(w)", node="MulBackward0")
    snapshot = run.backward(loss, "loss.backward()")
    rows = outline(snapshot)
    found = loss_path(rows, snapshot, row_of(snapshot, rows, "w"))

    assert found.end == NONE
    assert [named(snapshot, rows)[row].strip() for row in found.rows][1] == "SinBackward0"
