"""`gradtui.breakpoint()` in the code: it holds the program there, and anywhere else it does nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
import torch
from torch import Tensor, nn

import gradtui
from gradtui.model.messages import Act, Command, Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import StopKind
from tests.debuggee.programs import Program
from tests.debuggee.recording import Listener, Recording, recording

HERE = Path(__file__).resolve()


def line_of(text: str) -> int:
    lines = HERE.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def held(made: Recording) -> list[Snapshot]:
    """At which breakpoints it was held."""
    stops = (item.snapshot for item in made.listener.said if isinstance(item, Stopped))
    return [snapshot for snapshot in stops if snapshot.stop.kind is StopKind.BREAKPOINT]


def leaves(snapshot: Snapshot) -> set[str]:
    """Names of the parameters under the graph that is shown."""
    assert snapshot.graph is not None
    under = snapshot.graph.leaves()
    return {item.name for item in snapshot.parameters if item.tensor in under}


def test_it_holds_on_its_line_with_the_graph_under_what_it_is_given() -> None:
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 1))
    with recording() as made:
        hidden = net[0](torch.ones(2, 3))
        loss = net[1](hidden).sum()
        gradtui.breakpoint("no tensor", hidden)  # of the first layer
        gradtui.breakpoint(loss)
    first, second = held(made)

    assert first.trace.sites[first.stop.site].line == line_of("# of the first layer")
    assert leaves(first) == {"0.weight", "0.bias"}
    assert leaves(second) == {"0.weight", "0.bias", "1.weight", "1.bias"}
    assert [stop.index for stop in second.stops] == [1, 2]


def test_without_a_tensor_it_shows_what_was_built_last() -> None:
    net = nn.Linear(3, 1)
    with recording() as made:
        net(torch.ones(2, 3)).sum()
        kept = (net(torch.ones(2, 3)) * 2).sum()
        gradtui.breakpoint()
    (snapshot,) = held(made)

    assert snapshot.graph is not None
    assert [snapshot.graph.node_name(root) for root in snapshot.graph.roots] == ["SumBackward0"]
    assert snapshot.stop.loss == kept.item()


def test_before_anything_was_built_it_holds_without_a_graph() -> None:
    with recording() as made:
        gradtui.breakpoint()
    (snapshot,) = held(made)
    assert not snapshot.graph


def test_it_holds_too_where_backwards_are_run_past() -> None:
    class RunsOn(Listener):
        def receive(self) -> Command:
            return Command(Act.RUN)

    weight = torch.ones(2, requires_grad=True)
    with recording(listener=RunsOn()) as made:
        for _ in range(3):
            weight.sum().backward()
            gradtui.breakpoint()
    assert len(held(made)) == 3


def test_a_recording_is_told_of_one_in_a_loop_ever_more_rarely() -> None:
    weight = torch.ones(2, requires_grad=True)
    with recording(unheld=True) as made:
        for _ in range(40):
            weight.sum().backward()
            gradtui.breakpoint()
        gradtui.breakpoint()  # another place

    assert not held(made)
    told = [item.stop for item in made.snapshots if item.stop.kind is StopKind.BREAKPOINT]
    assert [sum(stop.kind is StopKind.BACKWARD for stop in item.stops) for item in made.snapshots[1:]] == [
        *(1, 2, 4, 8, 16, 32, 40)
    ]
    assert [stop.index for stop in told] == [1, 2, 3, 4, 5, 6, 7]


def in_a_hook(seen: list[str]) -> None:
    weight = torch.ones(2, requires_grad=True)

    def hook(_: Tensor) -> None:
        gradtui.breakpoint(weight)
        seen.append("hook")

    weight.register_hook(hook)
    weight.sum().backward()


def in_a_thread(seen: list[str]) -> None:
    def work() -> None:
        gradtui.breakpoint(torch.ones(2, requires_grad=True).sum())
        seen.append("thread")

    thread = Thread(target=work)
    thread.start()
    thread.join()


def in_a_step(seen: list[str]) -> None:
    class Mine(torch.optim.SGD):
        def step(self, closure: object = None) -> None:  # type: ignore[override]
            gradtui.breakpoint()
            seen.append("step")

    Mine([torch.ones(2, requires_grad=True)], lr=0.1).step()


@pytest.mark.parametrize("program", [in_a_hook, in_a_thread, in_a_step])
def test_where_nothing_can_be_held_the_program_goes_on(program: object) -> None:
    assert callable(program)
    seen: list[str] = []
    with recording() as made:
        program(seen)
    assert len(seen) == 1
    assert not held(made)


def test_a_check_is_never_held() -> None:
    with recording(check=True) as made:
        gradtui.breakpoint(torch.ones(2, requires_grad=True).sum())
    assert not held(made)


def test_when_nobody_watches_any_more_nothing_happens() -> None:
    with recording() as made:
        pass
    gradtui.breakpoint(torch.ones(2, requires_grad=True).sum())
    assert not held(made)
    assert gradtui.holder is None


SCRIPT = """\
from gradtui import __version__, breakpoint
breakpoint("before torch")
import torch
weight = torch.ones(2, requires_grad=True)
breakpoint((weight * 2).sum())
print("went on", __version__)
"""


def test_a_script_that_has_them_runs_by_python_as_by_us(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(SCRIPT, encoding="utf-8")
    program = Program(["train.py"], folder=tmp_path, environment={"PYTHONPATH": str(HERE.parents[2])})

    plain = program.by_python()
    assert plain.stdout == f"went on {gradtui.__version__}\n", plain.stderr
    assert program.by_us(check=True) == plain


COMPILED = """\
import gradtui
import torch

@torch.compile(backend="eager", fullgraph=True)
def double(x):
    gradtui.breakpoint(x)
    return x * 2

print(double(torch.ones(2, requires_grad=True)).sum().item())
"""


def test_a_compiled_function_is_compiled_as_if_it_had_none(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(COMPILED, encoding="utf-8")
    program = Program(["train.py"], folder=tmp_path, environment={"PYTHONPATH": str(HERE.parents[2])})

    plain = program.by_python()
    assert plain.stdout == "4.0\n", plain.stderr
    assert program.by_us(unheld=True) == plain


def test_pythons_own_breakpoint_can_be_it(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("breakpoint()\nprint('went on')\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "train.py"],
        cwd=tmp_path,
        env={"PYTHONBREAKPOINT": "gradtui.breakpoint", "PYTHONPATH": str(HERE.parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("went on\n", "")
