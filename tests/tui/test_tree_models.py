"""The tree of real models, recorded by a real child: what folds, how deep it gets, which ways it finds."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from gradtui.diagnosis.outline import Outline, RowKind, outline
from gradtui.diagnosis.outline.groups import Groups, grouped
from gradtui.diagnosis.outline.lines import Lines, opened
from gradtui.diagnosis.outline.path import loss_path
from gradtui.model.messages import Act, Command, Stopped
from gradtui.model.snapshot import Snapshot
from tests.session.children import program, run

SCRIPT = """
import torch
from torch import nn

class Block(nn.Module):
    def __init__(self, a, b):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b)
        self.conv2, self.norm2 = nn.Conv2d(b, b, 3, padding=1), nn.BatchNorm2d(b)
    def forward(self, x):
        x = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(x)))

class UNet(nn.Module):
    def __init__(self, widths=(4, 8, 16)):
        super().__init__()
        self.down = nn.ModuleList(Block(a, b) for a, b in zip((3, *widths), widths))
        self.pool = nn.MaxPool2d(2)
        self.middle = Block(widths[-1], 2 * widths[-1])
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in reversed(widths))
        self.merge = nn.ModuleList(Block(2 * w, w) for w in reversed(widths))
    def forward(self, x):
        skips = []
        for block in self.down:
            x = block(x)
            skips.append(x)
            x = self.pool(x)
        x = self.middle(x)
        for up, merge, skip in zip(self.up, self.merge, reversed(skips)):
            x = merge(torch.cat([up(x), skip], 1))
        return x

layer = nn.TransformerEncoderLayer(8, 2, 8, batch_first=True)
encoder = nn.TransformerEncoder(layer, 48, enable_nested_tensor=False)
encoder(torch.randn(1, 3, 8)).sum().backward()

cell, h, c = nn.LSTMCell(2, 4), torch.zeros(1, 4), torch.zeros(1, 4)
for x in torch.randn(2000, 1, 2):
    h, c = cell(x, (h, c))
h.sum().backward()

unet = UNet()
unet(torch.randn(1, 3, 16, 16)).sum().backward()
"""
NAMES = ("transformer", "lstm", "unet")


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Snapshot]:
    """What was seen of each model before its backward."""
    folder: Path = tmp_path_factory.mktemp("models")
    told = asyncio.run(
        run(
            program(folder, SCRIPT),
            lambda live, told: (
                live.send(Command(Act.CONTINUE)) if isinstance(told.events[-1], Stopped) else None
            ),
        )
    )
    found = [event.snapshot for event in told.events if isinstance(event, Stopped)]
    return dict(zip(NAMES, found, strict=True))


def tree(snapshot: Snapshot) -> tuple[Outline, Groups]:
    rows = outline(snapshot)
    return rows, grouped(rows, snapshot)


def test_48_layers_fold_into_one_line_and_stay_shallow(snapshots: dict[str, Snapshot]) -> None:
    rows, groups = tree(snapshots["transformer"])
    lines = Lines(rows, groups)
    opened(lines, 30)

    assert 48 in groups.repeats
    assert max(rows.depth) <= 4
    assert len(lines) <= 30
    assert len({groups.end[group] - groups.start[group] for group in groups_of(groups, "layers")}) <= 2


def groups_of(groups: Groups, last_but_one: str) -> list[int]:
    """Groups of single layers: `….layers.7`."""
    return [
        group
        for group in range(len(groups))
        if not groups.repeats[group]
        and groups.path[group].split(".")[-2:-1] == [last_but_one]
        and groups.path[group].split(".")[-1].isdigit()
    ]


def test_2000_steps_of_a_cell_stay_shallow_and_fold_into_its_module(snapshots: dict[str, Snapshot]) -> None:
    rows, groups = tree(snapshots["lstm"])
    lines = Lines(rows, groups)
    opened(lines, 30)

    assert len(rows) > 20_000
    assert max(rows.depth) <= 4
    assert len(lines) <= 30


def test_the_skips_of_a_unet_lead_to_blocks_that_stand_once(snapshots: dict[str, Snapshot]) -> None:
    rows, groups = tree(snapshots["unet"])
    # Three models were called in this program, so each path begins with its model's name.
    paths = [path.partition(".")[2] for path in groups.path]
    blocks = [path for path in paths if path.startswith(("down.", "merge.", "middle"))]

    assert sorted(blocks) == sorted(set(blocks)), groups.path
    assert {"down.0", "down.1", "down.2", "merge.0", "merge.1", "merge.2", "middle"} <= set(blocks), (
        groups.path,
        snapshots["unet"].raised,
    )
    assert max(rows.depth) <= 4


@pytest.mark.parametrize("name", NAMES)
def test_every_way_goes_along_edges_from_the_loss_to_the_parameter(
    name: str, snapshots: dict[str, Snapshot]
) -> None:
    snapshot = snapshots[name]
    rows, _ = tree(snapshot)
    graph = snapshot.graph
    assert graph is not None
    leaves = [row for row in range(len(rows)) if rows.kind[row] == RowKind.LEAF]
    for row in (leaves[0], leaves[len(leaves) // 2], leaves[-1]):
        found = loss_path(rows, snapshot, row)
        assert found.rows[0] == 0
        assert found.end == -1
        for above, below in pairwise(found.rows):
            wanted, inside = rows.vertex[below], set(rows.folded_into(below))
            reached = [rows.vertex[above]]
            while reached and wanted not in reached:
                reached = [
                    one for node in reached for one in graph.children(node) if one == wanted or one in inside
                ]
            assert reached, f"no edge from row {above} to row {below}"
