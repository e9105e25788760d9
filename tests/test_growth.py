"""Nothing grows faster than what it is done to: lines of ours that run are counted at n, 2 n and 4 n.

Not timed, so it can't fail because a machine is busy.
"""

from __future__ import annotations

import copy
import math
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import gradtui
from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.margin import made_by_lines
from gradtui.diagnosis.outline import outline
from gradtui.diagnosis.outline.groups import grouped
from gradtui.diagnosis.outline.lines import Lines, opened
from gradtui.diagnosis.outline.row_filters import dead_ends, without_glue
from gradtui.model.findings import Rule
from gradtui.model.messages import Seen
from gradtui.model.snapshot import Snapshot
from gradtui.report.picture import picture
from gradtui.tui.labels import Labels
from gradtui.wire.codec import decode, encode
from tests.debuggee.recording import recording

OURS = str(Path(gradtui.__file__).parent)
FEW = 40
MOST = 2.25
OF_PARAMETERS = 2.1
"""Where a set was gathered for each of them, among the lines of many other rules, it was 2.13 to 2.18."""


def chain(count: int) -> Tensor:
    y = torch.ones(1, requires_grad=True)
    for _ in range(count):
        y = y + 1
    return y


def two_chains(count: int) -> Tensor:
    """Their nodes are met in turn, so that neither is a run of neighbours."""
    one = other = torch.ones(1, requires_grad=True)
    for _ in range(count):
        one, other = one + 1, other * 0.99
    return one + other


def broken(count: int) -> Tensor:
    """Of all that a loss of NaN was computed from it is looked at how it stands, and where that began."""
    y = torch.ones(1, requires_grad=True)
    for _ in range(count):
        y = y.sigmoid()
    return y * math.inf - y * math.inf


def layers(count: int) -> Tensor:
    net = nn.Sequential(*(nn.Linear(2, 2) for _ in range(count)))
    out: Tensor = net(torch.ones(1, 2))
    return out.sum()


def one_for_all(count: int) -> Tensor:
    weight, y = torch.ones(1, requires_grad=True), torch.ones(1)
    for _ in range(count):
        y = y * weight
    return y


def many_at_once(count: int) -> Tensor:
    return torch.stack([torch.ones(2, requires_grad=True) for _ in range(count)]).sum()


def ladder(count: int) -> Tensor:
    """Each rung is used by the two that follow."""
    one, other = torch.ones(1, requires_grad=True), torch.ones(1, requires_grad=True)
    for _ in range(count):
        one, other = other, one * other
    return other


def cuts(count: int) -> Tensor:
    net, total = nn.Linear(2, 1), torch.zeros(1, requires_grad=True)
    for _ in range(count):
        total = total + net(torch.ones(2)).detach()
    return total.sum()


def writes(count: int) -> Tensor:
    rows = torch.zeros(count, 1)
    weight = torch.ones(1, requires_grad=True)
    for row in range(count):
        rows[row] = weight * row
    return rows.sum()


SHAPES = [chain, two_chains, broken, layers, one_for_all, many_at_once, ladder, cuts, writes]


def lines_run(work: Callable[[], object]) -> int:
    """How many lines of ours run in this thread while it works."""
    count = 0

    def in_ours(_frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal count
        count += event == "line"
        return in_ours

    def entered(frame: FrameType, _event: str, _argument: Any) -> Any:
        return in_ours if frame.f_code.co_filename.startswith(OURS) else None

    before = sys.gettrace()
    sys.settrace(entered)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def recorded(shape: Callable[[int], Tensor], count: int) -> Snapshot:
    with recording() as made:
        loss = shape(count)
        loss.sum().backward()
        made.watching.ended(0)
    return made.snapshots[0]


def grows(work: Callable[[int], Callable[[], object]]) -> float:
    """Lines from 2 n to 4 n over those from n to 2 n: 2 where they grow with n, 4 where with its square."""
    work(FEW)()  # what is imported or cached at the first time belongs to nobody
    one, two, four = (lines_run(work(times * FEW)) for times in (1, 2, 4))
    return (four - two) / max(FEW, two - one)  # less than a line for each is no growth


@pytest.mark.parametrize("shape", SHAPES)
def test_recording_capture_and_snapshot_grow_with_what_the_program_does(
    shape: Callable[[int], Tensor],
) -> None:
    assert grows(lambda count: lambda: recorded(shape, count)) < MOST


class Many(nn.Module):
    """Layers that learn, and as many to which something happens."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.fine = nn.ModuleList(nn.Linear(2, 2) for _ in range(count))
        self.odd = nn.ModuleList(nn.Linear(2, 2) for _ in range(count))
        self.register_buffer("table", torch.zeros(count, 2))

    def forward(self, way: str) -> Tensor:
        out = torch.ones(1, 2)
        for row, (fine, odd) in enumerate(zip(self.fine, self.odd, strict=True)):
            out = out + 0.01 * fine(out)
            if way == "cut":
                out = out + 0.01 * odd(out).detach()
            elif way == "zero":
                out = out + 0.01 * torch.round(odd(out))
            elif way == "number":
                out = out * (1 + odd.get_parameter("bias").sum().item() / 100)
            elif way == "used":
                out = out + 0.01 * odd(out)
            elif way == "written":
                self.get_buffer("table").data[row] = odd(out)[0]
        if way == "written":
            out = out + self.get_buffer("table").sum()
        loss: Tensor = out.sum()
        return loss


def trained(way: str, count: int) -> list[Snapshot]:
    """Three steps of a model, half of which something is wrong with."""
    with recording(check=True) as made:
        torch.manual_seed(0)
        model = Many(count)
        if way == "frozen":
            model.odd.requires_grad_(False)
        held = model.fine.parameters() if way == "not held" else model.parameters()
        optimizer = torch.optim.SGD(held, lr=0.0)
        for _ in range(3):
            optimizer.zero_grad()
            model("used" if way in ("frozen", "not held") else way).backward()
            optimizer.step()
        made.watching.ended(0)
    return made.snapshots


def written_out(folder: Path, count: int) -> list[Snapshot]:
    """A step of a program without a loop: a line for each parameter, and one for what no loss takes of it."""
    made = "w{0} = torch.nn.Parameter(torch.ones(2))\nheld.append(w{0})"
    used = "loss = loss + (w{0} * w{0}).sum()"
    left = "lost = (w{0} * w{0}).sum()"
    lines = [
        "import torch\nheld, loss = [], 0.0",
        *(made.format(number) for number in range(count)),
        *((left if number % 2 else used).format(number) for number in range(count)),
        "optimizer = torch.optim.SGD(held, lr=0.1)\nloss.backward()\noptimizer.step()",
    ]
    file = folder / f"written_out_{count}.py"
    file.write_text("\n".join(lines), encoding="utf-8")
    with recording(check=True) as seen:
        exec(compile(file.read_text(encoding="utf-8"), str(file), "exec"), {"__name__": "__main__"})
        seen.watching.ended(0)
    return seen.snapshots


def adapted(count: int) -> list[Snapshot]:
    """A copy of a model for each task, each with an optimizer of its own, and gone when the next is made."""
    with recording(check=True) as made:
        torch.manual_seed(0)
        model = nn.Linear(2, 1)
        for _ in range(count):
            copied = copy.deepcopy(model)
            optimizer = torch.optim.SGD(copied.parameters(), lr=0.1)
            for _ in range(2):
                optimizer.zero_grad()
                copied(torch.ones(3, 2)).sum().backward()
                optimizer.step()
        made.watching.ended(0)
    return made.snapshots


def refined(count: int) -> list[Snapshot]:
    """Two steps of an optimizer that calls for a backward many times at each, with second derivatives."""
    with recording(check=True) as made:
        torch.manual_seed(0)
        model = nn.Linear(2, 1)
        optimizer = torch.optim.LBFGS(
            model.parameters(),
            lr=1e-4,
            max_iter=count,
            max_eval=count,
            tolerance_grad=0.0,
            tolerance_change=0.0,
            history_size=2,
        )

        def closure() -> Tensor:
            optimizer.zero_grad()
            given = torch.ones(3, 2, requires_grad=True)
            out = model(given).pow(2).sum()
            (slope,) = torch.autograd.grad(out, given, create_graph=True)
            torch.autograd.grad(slope.sum(), given, retain_graph=True)
            loss: Tensor = out + slope.pow(2).sum() + out.detach()
            loss.backward()
            return loss

        for _ in range(2):
            optimizer.step(closure)
        made.watching.ended(0)
    return made.snapshots


def test_many_backwards_for_one_step_are_judged_as_quickly_as_they_are_many() -> None:
    snapshots = {count: refined(count // 4) for count in (FEW, 2 * FEW, 4 * FEW)}

    assert grows(lambda count: lambda: diagnose(snapshots[count])) < MOST


def test_models_that_are_copied_for_one_task_after_the_other_take_as_long_as_there_are_tasks() -> None:
    snapshots = {count: adapted(count) for count in (FEW // 4, FEW // 2, FEW)}

    assert len({len(told) for told in snapshots.values()}) == 1  # none is told of that is like the others
    assert diagnose(snapshots[FEW]) == ()
    assert grows(lambda count: lambda: adapted(count // 4)) < MOST
    assert grows(lambda count: lambda: diagnose(snapshots[count // 4])) < MOST


@pytest.mark.parametrize("way", ["unused", "cut", "zero", "number", "written", "frozen", "not held"])
def test_what_is_wrong_with_many_parameters_is_found_as_quickly_as_they_are_many(way: str) -> None:
    snapshots = {count: trained(way, count) for count in (FEW, 2 * FEW, 4 * FEW)}

    assert diagnose(snapshots[FEW])
    assert grows(lambda count: lambda: diagnose(snapshots[count])) < OF_PARAMETERS


def test_a_program_that_is_written_out_is_judged_as_quickly_as_it_is_long(tmp_path: Path) -> None:
    snapshots = {count: written_out(tmp_path, count) for count in (FEW, 2 * FEW, 4 * FEW)}

    assert len([one for one in diagnose(snapshots[FEW]) if one.rule is Rule.UNUSED_PARAMETER]) == FEW // 2
    assert grows(lambda count: lambda: diagnose(snapshots[count])) < OF_PARAMETERS
    assert grows(lambda count: lambda: written_out(tmp_path, count)) < OF_PARAMETERS


@pytest.mark.parametrize("shape", SHAPES)
def test_what_the_viewer_does_grows_with_the_snapshot(shape: Callable[[int], Tensor]) -> None:
    snapshots = {count: recorded(shape, count) for count in (FEW, 2 * FEW, 4 * FEW)}
    texts = {count: encode(Seen(snapshot)) for count, snapshot in snapshots.items()}
    rows = {count: outline(snapshot) for count, snapshot in snapshots.items()}

    def fold(count: int) -> None:
        groups = grouped(rows[count], snapshots[count])
        lines = Lines(rows[count], groups)
        opened(lines, 40)
        lines.fold_all()
        lines.keep(without_glue(rows[count], snapshots[count]))
        lines.keep(dead_ends(rows[count]))

    def look(count: int) -> None:
        labels = Labels(snapshots[count], rows[count], {}, ())
        for row in range(len(rows[count])):
            labels.label(row)
        made_by_lines(rows[count], snapshots[count].trace)

    works: list[Callable[[int], object]] = [
        lambda count: decode(texts[count]),
        lambda count: encode(Seen(snapshots[count])),
        lambda count: diagnose([snapshots[count]]),
        lambda count: outline(snapshots[count]),
        fold,
        look,
    ]
    for work in works:
        assert grows(partial(partial, work)) < MOST


@pytest.mark.parametrize("shape", SHAPES)
def test_a_picture_of_what_is_too_large_to_be_drawn_whole_grows_with_it(
    shape: Callable[[int], Tensor],
) -> None:
    snapshots = {count: recorded(shape, 4 * count) for count in (FEW, 2 * FEW, 4 * FEW)}
    assert grows(lambda count: lambda: picture(snapshots[count], (), {})) < MOST
