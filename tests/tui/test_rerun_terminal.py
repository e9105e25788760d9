"""Fix, run again, look: the installed command in a real terminal, its script edited between two runs."""

from __future__ import annotations

from pathlib import Path

from tests.terminal import running

BROKEN = """\
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(3, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
target = torch.zeros(4, 1, requires_grad=True)
print("run with", "detach")
out = net(torch.ones(4, 3))
loss = (out.detach() - target).pow(2).mean()
loss.backward()
optimizer.step()
print("done")
"""


def test_a_script_is_fixed_run_again_and_found_well(tmp_path: Path, warm: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(BROKEN, encoding="utf-8")
    with running(script, columns=120, python=warm) as terminal:
        terminal.until("stopped before backward 1")
        terminal.until("train.py:10")
        script.write_text("# fixed\n" + BROKEN.replace("out.detach()", "out"), encoding="utf-8")
        terminal.press("R")
        terminal.until("Run 2: detach at train.py:10 is gone.")
        terminal.press("6")
        terminal.until("── run 2 ──")
        script.write_text("def broken(:\n", encoding="utf-8")
        terminal.until("train.py has changed: R runs it again.")
        terminal.press("R")
        terminal.until("train.py:1  SyntaxError: invalid syntax. Nothing of the program has run.")
        terminal.until("e edits the line, R runs it again.")
        script.write_text(BROKEN.replace("out.detach()", "out"), encoding="utf-8")
        terminal.press("R")
        terminal.until("stopped before backward 1")
        terminal.press("c")
        terminal.until("ended")
        terminal.press("q")
        status = terminal.end()

    assert status == 0
    assert terminal.left.count("run with detach\r") == 1
    assert "done\r" in terminal.left
    assert "SyntaxError" not in terminal.left
    assert " icanon " in terminal.left
