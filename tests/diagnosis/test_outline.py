"""The rows of the tree: their order, their depth, and how they go on beyond a cut."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from gradtui.diagnosis.outline import Mark, Outline, RowKind, full_graph, layout, outline, runs
from gradtui.model.columns import NONE, Ragged, ints
from gradtui.model.findings import Rule
from gradtui.model.graph import Graph
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Stop, StopKind
from tests.builders import Program

SOURCE = """\
out = net(features)
pred = torch.from_numpy(out.detach().numpy())
loss = F.mse_loss(pred, target)
loss.backward()
"""


def named(snapshot: Snapshot, rows: Outline) -> list[str]:
    """Each row as text: two blanks a depth, what it stands for, and an exclamation mark for a cut."""
    trace, graph = snapshot.trace, snapshot.graph or Graph()
    names = {item.tensor: item.name for item in snapshot.parameters}
    texts = []
    for row in range(len(rows)):
        vertex = rows.vertex[row]
        if rows.leaf[vertex] != NONE:
            text = names[rows.leaf[vertex]]
        elif rows.is_node(row):
            text = graph.node_name(vertex)
        else:
            text = trace.call(rows.call[vertex]).name
        mark = "-> " if rows.kind[row] == RowKind.REFERENCE else "! " if rows.marks[row] & Mark.CUT else ""
        texts.append("  " * rows.depth[row] + mark + text)
    return texts


def graph_of(edges: dict[int, list[int]]) -> Snapshot:
    """A graph given by its edges alone; node `i` is called `i`."""
    count = len(edges)
    graph = Graph(
        names=tuple(map(str, range(count))),
        shapes=((),),
        roots=ints([0]),
        name=ints(range(count)),
        sequence=ints(range(count, 0, -1)),
        call=ints([NONE] * count),
        leaf=ints([NONE] * count),
        hooks=ints([0] * count),
        edges=Ragged.of([edges[node] for node in range(count)]),
        edge_inputs=Ragged.of([[0] * len(edges[node]) for node in range(count)]),
        received=Ragged.of([[0]] * count),
    )
    return Snapshot("train.py", "/", "2.13.0", "3.11", Stop(1, StopKind.BACKWARD, NONE), graph=graph)


def shown(edges: dict[int, list[int]]) -> list[str]:
    snapshot = graph_of(edges)
    return named(snapshot, outline(snapshot))


def silent_numpy() -> tuple[Program, Snapshot]:
    """Two layers, cut off by a numpy round trip, and a loss that requires grad through its target."""
    run = Program(SOURCE)
    weights = [(run.parameter(f"fc{n}.weight", (5, 5)), run.parameter(f"fc{n}.bias", (5,))) for n in (1, 2)]
    hidden = run.linear("fc1", run.data((1, 5)), 5, "net(features)", weights[0])
    hidden = run.op("torch.relu", [hidden], (1, 5), at="net(features)", node="ReluBackward0")
    out = run.linear("fc2", hidden, 5, "net(features)", weights[1])
    severed = run.op("Tensor.detach", [out], (1, 5), at="out.detach()", tracked=False)
    escape = run.escape("Tensor.numpy", severed, "out.detach().numpy()")
    pred = run.op("torch.from_numpy", [], (1, 5), at="torch.from_numpy(out.detach().numpy())", tracked=False)
    run.tie(escape, pred)
    loss = run.op(
        "F.mse_loss",
        [pred, run.leaf("target", (1, 5))],
        (),
        at="F.mse_loss(pred, target)",
        node="MseLossBackward0",
    )
    return run, run.backward(loss, "loss.backward()")


@pytest.mark.parametrize(("function", "cut"), [("torch.zeros_like", False), ("Tensor.detach", True)])
def test_what_takes_a_shape_and_no_values_is_no_cut(function: str, cut: bool) -> None:
    run = Program("h = fc(x)\nstart = begin(h)\nloss = (start + h).sum()\nloss.backward()\n")
    weight = run.parameter("fc.weight", (5, 5))
    hidden = run.op("F.linear", [run.data((1, 5)), weight], (1, 5), at="fc(x)", node="AddmmBackward0")
    start = run.op(function, [hidden], (1, 5), at="begin(h)", tracked=False)
    both = run.op("Tensor.add", [start, hidden], (1, 5), at="start + h", node="AddBackward0")
    loss = run.op("Tensor.sum", [both], (), at="(start + h).sum()", node="SumBackward0")

    rows = outline(run.backward(loss, "loss.backward()"))

    assert bool(rows.cuts) is cut


def test_a_chain_stays_at_one_depth() -> None:
    assert shown({0: [1], 1: [2], 2: []}) == ["0", "1", "2"]


def test_branches_are_one_step_deeper_and_the_chain_goes_on_where_they_meet() -> None:
    assert shown({0: [1, 2], 1: [3], 2: [3], 3: [4], 4: []}) == [
        "0",
        "  1",
        "  -> 3",
        "  2",
        "  -> 3",
        "3",
        "4",
    ]


def test_the_longest_of_branches_that_never_meet_goes_on_at_the_same_depth() -> None:
    assert shown({0: [1, 2], 1: [], 2: [3], 3: []}) == ["0", "  1", "2", "3"]


def test_residual_blocks_do_not_indent_one_another() -> None:
    edges: dict[int, list[int]] = {}
    for block in range(10):
        first = 3 * block
        edges |= {first: [first + 3, first + 1], first + 1: [first + 2], first + 2: [first + 3]}
    edges[30] = []
    snapshot = graph_of(edges)

    assert max(outline(snapshot).depth) == 1


def test_every_node_stands_once() -> None:
    edges = {0: [1, 2], 1: [2, 3], 2: [3, 4], 3: [4], 4: []}
    rows = outline(graph_of(edges))
    standing = [rows.vertex[row] for row in range(len(rows)) if rows.kind[row] != RowKind.REFERENCE]

    assert sorted(standing) == [0, 1, 2, 3, 4]


def test_a_reference_knows_where_its_node_stands() -> None:
    rows = outline(graph_of({0: [1, 2], 1: [2], 2: []}))
    reference = next(row for row in range(len(rows)) if rows.kind[row] == RowKind.REFERENCE)

    assert rows.vertex[rows.target(reference)] == 2
    assert rows.kind[rows.target(reference)] == RowKind.NODE


def test_folding_hides_the_branches_of_a_row_and_not_what_it_goes_on_with() -> None:
    rows = outline(graph_of({0: [1, 2], 1: [3], 2: [3], 3: []}))

    assert rows.end[0] == len(rows) - 1
    assert rows.vertex[rows.end[0]] == 3


def test_the_parent_of_a_row_in_a_branch_is_where_the_branch_began() -> None:
    rows = outline(graph_of({0: [1, 2], 1: [3], 2: [3], 3: []}))

    assert [rows.parent(row) for row in range(len(rows))] == [NONE, 0, 0, 0, 0, NONE]


def test_a_chain_of_a_hundred_thousand_nodes_needs_no_recursion() -> None:
    length = 100_000
    edges = {node: [node + 1] for node in range(length)} | {length: []}
    rows = outline(graph_of(edges))

    assert len(rows) == length + 1
    assert max(rows.depth) == 0


def test_a_tensor_used_at_every_step_of_a_long_chain_costs_little_and_does_not_indent_it() -> None:
    length = 20_000
    edges = {node: [node + 1, length + 1] for node in range(length)} | {length: [], length + 1: []}
    rows = outline(graph_of(edges))

    assert max(rows.depth) == 1
    assert sum(kind == RowKind.REFERENCE for kind in rows.kind) == length - 1


def test_a_ring_does_not_trap_it() -> None:
    assert shown({0: [1], 1: [2], 2: [1]}) == ["0", "1", "2", "-> 1"]


def test_beyond_a_cut_the_rows_go_on_down_to_the_parameters_that_are_cut_off() -> None:
    _, snapshot = silent_numpy()

    assert named(snapshot, outline(snapshot)) == [
        "MseLossBackward0",
        "  target",
        "from_numpy",
        "numpy",
        "! detach",
        "linear",
        "  fc2.weight",
        "  fc2.bias",
        "relu",
        "linear",
        "  fc1.weight",
        "  fc1.bias",
    ]


def test_rows_beyond_a_cut_are_marked_and_the_cut_is_listed() -> None:
    _, snapshot = silent_numpy()
    rows = outline(snapshot)

    assert [bool(marks & Mark.SEVERED) for marks in rows.marks] == [False, False] + [True] * 10
    assert list(rows.cuts) == [4]


def test_the_row_that_a_finding_names_is_marked() -> None:
    run, snapshot = silent_numpy()
    rows = outline(snapshot, [run.finding(Rule.DETACH, "out.detach()")])

    assert [row for row in range(len(rows)) if rows.marks[row] & Mark.BLAMED] == [4]


@pytest.mark.parametrize("told", [False, True])
def test_the_line_that_froze_a_weight_has_its_row_whether_or_not_a_finding_tells_of_it(told: bool) -> None:
    run = Program("fc.weight.requires_grad = False\nloss = fc(x)\nloss.backward()\n")
    weight, bias = run.parameter("fc.weight", (5, 5)), run.parameter("fc.bias", (5,))
    frozen = run.flag(weight, "fc.weight.requires_grad = False")
    out = run.linear("fc", run.data((1, 5)), 5, "fc(x)", (frozen, bias))
    snapshot = run.backward(out, "loss.backward()")
    finding = run.finding(Rule.FROZEN_LEAF, "fc.weight.requires_grad = False", affected=["fc.weight"])
    rows = outline(snapshot, [finding] if told else [])

    assert [text.strip() for text in named(snapshot, rows)][-2:] == ["! requires_grad", "fc.weight"]


def test_a_weight_stands_with_its_layer_and_not_behind_its_transposition() -> None:
    run = Program(SOURCE)
    weights = (run.parameter("fc.weight", (5, 5)), run.parameter("fc.bias", (5,)))
    out = run.linear("fc", run.leaf("x", (1, 5)), 5, "net(features)", weights)
    snapshot = run.backward(out, "loss.backward()")
    rows = outline(snapshot)

    assert set(named(snapshot, rows)) == {"AddmmBackward0", "  fc.bias", "  fc.weight", "  x"}
    assert [len(rows.folded_into(row)) for row in range(len(rows))].count(1) == 1


def test_data_that_nothing_tracked_went_into_is_left_out() -> None:
    run = Program(SOURCE)
    mask = run.op("torch.gt", [run.data((1, 5))], (1, 5), tracked=False)
    loss = run.op("torch.mul", [run.leaf("x", (1, 5)), mask], (1, 5), node="MulBackward0")
    snapshot = run.backward(loss, "loss.backward()")

    assert named(snapshot, outline(snapshot)) == ["MulBackward0", "  x"]


def test_a_branch_cut_off_leads_back_to_what_backward_reaches_on_another_way() -> None:
    run = Program("h = f(x)\nloss = h * h.detach()\nloss.backward()\n")
    hidden = run.op("torch.exp", [run.leaf("x", (3,))], (3,), at="f(x)", node="ExpBackward0")
    severed = run.op("Tensor.detach", [hidden], (3,), at="h.detach()", tracked=False)
    loss = run.op("Tensor.mul", [hidden, severed], (3,), at="h * h.detach()", node="MulBackward0")
    snapshot = run.backward(loss, "loss.backward()")

    assert named(snapshot, outline(snapshot)) == [
        "MulBackward0",
        "  ! detach",
        "  -> ExpBackward0",
        "ExpBackward0",
        "  x",
    ]


def test_a_loss_without_a_graph_still_has_rows() -> None:
    run = Program("out = net(features)\nloss = out.detach()\nloss.backward()\n")
    out = run.op("torch.exp", [run.parameter("w", (3,))], (3,), at="net(features)", node="ExpBackward0")
    loss = run.op("Tensor.detach", [out], (3,), at="out.detach()", tracked=False)
    snapshot = run.backward(loss, "loss.backward()")

    assert snapshot.graph is None
    assert named(snapshot, outline(snapshot)) == ["! detach", "exp", "  w"]


def test_at_an_exception_the_rows_begin_with_the_call_that_failed() -> None:
    run = Program("out = net(features)\n")
    hidden = run.op("torch.exp", [run.parameter("w", (3,))], (3,), at="features", node="ExpBackward0")
    snapshot = run.exception("RuntimeError", "shapes", "net(features)", [hidden])

    rows = outline(snapshot)

    assert named(snapshot, rows) == ["linear", "exp", "  w"]
    assert not any(marks & Mark.SEVERED for marks in rows.marks)


def test_a_leaf_made_anew_from_a_severed_value_goes_on_with_what_it_was() -> None:
    run = Program("out = net(x)\nloss = out.detach().requires_grad_()\nloss.backward()\n")
    out = run.op("torch.exp", [run.parameter("w", (3,))], (3,), at="net(x)", node="ExpBackward0")
    severed = run.op("Tensor.detach", [out], (3,), at="out.detach()", tracked=False)
    loss = run.require(severed, "out.detach().requires_grad_()")
    run.parameters.append(
        run.parameters[0].__class__(
            run.values[loss]["tensor"],
            ("loss",),
            run.parameters[0].role.LEAF,
            (3,),
            "float32",
            "cpu",
            True,
            True,
            0,
            run.parameters[0].grad,
        )
    )
    snapshot = run.backward(loss, "loss.backward()")

    assert [text.strip() for text in named(snapshot, outline(snapshot))] == ["loss", "! detach", "exp", "w"]


@pytest.mark.parametrize("snapshot", [Program().end(), graph_of({0: []})])
def test_next_to_nothing_gives_next_to_no_rows(snapshot: Snapshot) -> None:
    assert len(outline(snapshot)) <= 1


def test_a_part_has_the_first_nodes_alone_and_nothing_beyond_a_cut() -> None:
    _, snapshot = silent_numpy()
    graph = snapshot.graph
    assert graph is not None
    first = graph.first(1)
    rows = outline(replace(snapshot, graph=first), part=True)

    assert named(replace(snapshot, graph=first), rows) == ["MseLossBackward0"]
    assert first.truncated == len(graph) - 1
    assert list(first.edges.flat) == [NONE] * len(graph.edges[0])
    assert graph.first(len(graph)) is graph


def test_the_rows_of_a_part_are_found_again_in_the_whole() -> None:
    edges = {0: [1, 2], 1: [3], 2: [3], 3: [4], 4: []}
    snapshot = graph_of(edges)
    assert snapshot.graph is not None
    part = outline(replace(snapshot, graph=snapshot.graph.first(3)), part=True)
    whole = outline(snapshot)

    for row in range(len(part)):
        found = whole.same_row(part, row)
        assert whole.vertex[found] == part.vertex[row]
    assert whole.same_row(part, NONE) == NONE


def test_a_part_without_a_graph_has_the_last_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Program("y.backward()")
    value = weight = run.parameter("w", ())
    for _ in range(5):
        value = run.op("Tensor.exp", [value, weight], ())
    snapshot = replace(run.backward(value, "y.backward()"), graph=None)
    whole = named(snapshot, outline(snapshot))
    monkeypatch.setattr(full_graph, "MOST", 4)  # the backward is one of them
    part = named(snapshot, outline(snapshot, part=True))

    assert sum(text.strip() == "exp" for text in whole) == 5
    assert sum(text.strip() == "exp" for text in part) == 3
    assert sum(text.strip() == "w" for text in part) == 1


def test_whoever_is_told_how_far_rows_have_come_can_end_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "EVERY", 2)
    edges = {node: [node + 1, node + 2] for node in range(20)} | {20: [], 21: []}
    told: list[tuple[int, int]] = []

    def enough(done: int, total: int) -> None:
        told.append((done, total))
        if done > 5:
            raise KeyError

    with pytest.raises(KeyError):
        outline(graph_of(edges), progress=enough)
    assert 5 < told[-1][0] < told[-1][1] == 22


def chains(seed: int, count: int) -> dict[int, list[int]]:
    """Long chains with shortcuts, branches that meet again, and edges that nobody asked for."""
    pick = random.Random(seed)
    edges: dict[int, list[int]] = {}
    for node in range(count):
        row = [node + 1] if node + 1 < count else []
        if pick.random() < 0.01:
            row.insert(pick.randrange(len(row) + 1), min(count - 1, node + pick.choice([1, 2, 5, 300])))
        if pick.random() < 0.3 if seed % 2 else node % 40:
            row.insert(seed % 3 and len(row), NONE)
        edges[node] = row
    return edges


@pytest.mark.parametrize("seed", range(6))
def test_rows_are_the_same_whether_or_not_chains_are_told_as_one(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = graph_of(chains(seed, 1_500))
    found = [outline(snapshot)]
    monkeypatch.setattr(runs, "BLOCK", 7)
    found.append(outline(snapshot))
    monkeypatch.setattr(runs.Runs, "_linked", lambda _runs, call: bytearray(len(call) + 1))
    found.append(outline(snapshot))

    assert len(found[0]) >= 1_500
    assert found[0] == found[1] == found[2]
