"""What a finding proposes, done to the program: it runs then, and computes the same."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch

from gradtui.diagnosis.engine import diagnose
from gradtui.model.findings import Rule
from tests.debuggee.recording import seen
from tests.test_small_programs import loud

pytestmark = pytest.mark.filterwarnings("ignore")  # they are about the programs, as they should be

WRITES = (
    "y *= 1 + shift",
    "y -= shift * 2 if len(shift) else shift",
    "y **= 2",
    "y[:, 0] *= 0.5",
    "y[1][2:] = 0",
)
PROGRAM = """\
import torch

net = torch.nn.Linear(4, 4)
y = torch.sigmoid(net(torch.linspace(-1, 1, 8).view(2, 4)))
shift = torch.ones(4)
{}
y.sum().backward()
"""


def run(file: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> tuple[str, dict[str, object]]:
    """The proposal of the first finding on a program, if it has one, and what the program computed."""
    file.write_text(text, encoding="utf-8")
    main = ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    code = compile(text, str(file), "exec", dont_inherit=True)
    torch.manual_seed(0)
    findings = diagnose(seen(lambda: exec(code, vars(main)), check=True))
    assert all(finding.rule is Rule.INPLACE_VERSION for finding in findings)
    return findings[0].fix if findings else "", vars(main)


@pytest.mark.parametrize("line", WRITES)
def test_what_is_proposed_for_a_write_in_place_lets_backward_run_and_computes_the_same(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proposal, wrong = run(tmp_path / "wrong.py", PROGRAM.format(line), monkeypatch)
    found = re.search("`(.+?)`", proposal)
    assert found
    mended = f"{found[1]}\n{line}" if "before this line" in proposal else found[1]

    nothing, right = run(tmp_path / "right.py", PROGRAM.format(mended), monkeypatch)

    assert nothing == ""
    assert isinstance(wrong["y"], torch.Tensor)
    assert isinstance(right["y"], torch.Tensor)
    assert torch.equal(right["y"], wrong["y"])
    assert isinstance(right["net"], torch.nn.Linear)
    assert right["net"].weight.grad is not None


@pytest.mark.parametrize(
    ("program", "proposal"),
    [
        ("pool-for-both-losses", "which trains none of these, and compute the loss of"),
        ("forward-hook-returns", "Let the hook return None"),
        ("lora-both-zero", "Start one of the two at other values than zero"),
        ("acos-at-its-end", "`.clamp(-1 + 1e-6, 1 - 1e-6)`"),
        ("group-of-used-up-iterator", "Make a list of what the group is given"),
        ("group-left-at-zero", "`for group in optimizer.param_groups: group['lr'] = ...`"),
    ],
)  # fmt: skip
def test_what_is_proposed_mends_this_very_fault(
    program: str, proposal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(__file__).parent / "small_programs" / "broken" / f"{program}.py"

    assert proposal.format(file.name, file.name) in loud(file, monkeypatch)[0].fix


@pytest.mark.parametrize(
    ("program", "line", "what"),
    [
        ("scale-by-whole-division", 11, "what the hook returns takes the gradient's place"),
        ("function-that-gives-one", 12, "what its `backward` returns"),
        ("cache-filled-by-decorated", 16, "computed inside the function that this decorates"),
    ],
)
def test_what_is_done_at_a_distance_is_shown_where_it_is_written(
    program: str, line: int, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = Path(__file__).parent / "small_programs" / "broken" / f"{program}.py"

    assert (line, what) in [(step.line, step.what) for step in loud(file, monkeypatch)[0].evidence]
