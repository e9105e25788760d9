"""`--export` as it is installed: real graphs, compared with what torchviz makes of them."""

from __future__ import annotations

import runpy
import warnings
from collections import Counter
from pathlib import Path
from textwrap import dedent

import pytest

from gradtui.report.box_styles import FLOWS
from tests.end_to_end.commands import Command, Terminal, gradtui
from tests.end_to_end.test_check import training
from tests.report.drawings import Drawing, drawing

PROGRAMS = {
    "layers": """\
        net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
        loss = net(torch.ones(3, 4)).pow(2).mean()
        """,
    "a shared weight": """\
        class Tied(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed, self.norm = nn.Embedding(5, 4), nn.LayerNorm(4)

            def forward(self, tokens):
                hidden = self.norm(self.embed(tokens))
                return hidden @ self.embed.weight.t()

        net = Tied()
        loss = F.cross_entropy(net(torch.arange(3)), torch.arange(3))
        """,
    "a function of its own": """\
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x * x

            @staticmethod
            def backward(ctx, grad):
                (x,) = ctx.saved_tensors
                return 2 * x * grad

        net = nn.Linear(3, 3)
        loss = (Square.apply(net(torch.ones(2, 3))) * 0.5).sum()
        """,
    "a detach": """\
        net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
        hidden = net[1](net[0](torch.ones(3, 4)))
        loss = (net[2](hidden.detach()) ** 2).mean()
        """,
    "one value twice, and two ways": """\
        net = nn.Linear(3, 1, bias=False)
        y = net.weight * net.weight
        loss = (y + torch.cat([y, net.weight]).sum() + y.exp()).sum()
        """,
    "a residual net": """\
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv, self.norm = nn.Conv2d(2, 2, 3, padding=1), nn.BatchNorm2d(2)

            def forward(self, x):
                return F.relu(x + self.norm(self.conv(x)), inplace=True)

        net = nn.Sequential(Block(), Block(), Block())
        loss = net(torch.ones(1, 2, 4, 4)).mean()
        """,
}
WITHOUT_GRAPH = """\
    net = nn.Linear(2, 1)
    loss = torch.tensor(net(torch.ones(2)).item())
    """
HEAD = """\
import torch
from torch import nn
from torch.nn import functional as F

"""
FOOT = """
if __name__ == "__main__":
    loss.backward()
"""


def program(folder: Path, body: str) -> Path:
    file = folder / "train.py"
    file.write_text(HEAD + dedent(body) + FOOT, encoding="utf-8")
    return file


def ours(found: Drawing) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """Names of boxes and of the ends of arrows, without what lies beyond cuts; parameters without modules."""
    arrows = [(tail, head) for tail, head, style in found.arrows if style == FLOWS]
    names = {
        box: "root" if box.startswith("root") else last_part(found.boxes[box].name) for box in found.boxes
    }
    drawn = {end for arrow in arrows for end in arrow}
    return Counter(names[box] for box in drawn), Counter((names[tail], names[head]) for tail, head in arrows)


def theirs(script: Path) -> tuple[Counter[str], Counter[tuple[str, str]]]:
    """The same of what torchviz draws: its AccumulateGrad and the leaf above that are taken for one box."""
    made = runpy.run_path(str(script))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it imports and uses distutils
        from torchviz import make_dot

        found = drawing(make_dot(made["loss"], params=dict(made["net"].named_parameters())).source)
    plain = [(tail, head) for tail, head, style in found.arrows if style.get("dir") != "none"]
    label = {box: drawn.lines[0] for box, drawn in found.boxes.items()}
    leaf_of = {head: tail for tail, head in plain if label[head] == "AccumulateGrad"}
    saved = {tail for tail, _, style in found.arrows if style.get("dir") == "none"}
    root = {box for box, drawn in found.boxes.items() if drawn.style.get("fillcolor") == "darkolivegreen1"}
    names = {box: "root" if box in root else last_part(label[leaf_of.get(box, box)]) for box in label}
    arrows = Counter((names[tail], names[head]) for tail, head in plain if head not in leaf_of)
    return Counter(names[box] for box in label if box not in {*leaf_of, *saved}), arrows


def last_part(name: str) -> str:
    return name.rpartition(".")[2]


@pytest.mark.parametrize("body", PROGRAMS.values(), ids=PROGRAMS)
def test_nodes_and_arrows_are_those_of_torchviz(check: Command, body: str, tmp_path: Path) -> None:
    script = program(tmp_path, body)
    done = check("--export", "graph.dot", "train.py")
    found = ours(drawing((tmp_path / "graph.dot").read_text(encoding="utf-8")))

    assert done.returncode in (0, 1), done.stderr
    assert len(found[0]) > 4
    assert found == theirs(script)


def test_a_cut_is_drawn_and_the_status_is_that_of_the_check(check: Command, tmp_path: Path) -> None:
    drawn = ("--export", "graph.svg", "--export", "graph.dot")
    done = check(*drawn, training(tmp_path, cut=".detach()"))
    svg, dot = ((tmp_path / name).read_text(encoding="utf-8") for name in ("graph.svg", "graph.dot"))

    assert done.returncode == 1, done.stderr
    assert "train.py:8" in svg
    assert "train.py:8" in dot
    assert "tracking stops here" in svg
    assert "gets no gradient" in svg


def test_what_has_no_graph_leaves_no_file(tmp_path: Path) -> None:
    done = gradtui("--check", "--export", "graph.svg", "-c", "import torch", cwd=tmp_path)

    assert "graph.svg wasn't written: there is no graph to draw" in done.stderr
    assert not (tmp_path / "graph.svg").exists()
    assert done.returncode == 0


def test_a_loss_without_a_graph_is_drawn_with_what_it_was_computed_from(
    check: Command, tmp_path: Path
) -> None:
    program(tmp_path, WITHOUT_GRAPH)
    done = check("--export", "graph.dot", "train.py")
    found = drawing((tmp_path / "graph.dot").read_text(encoding="utf-8"))

    assert done.returncode == 1
    assert found.box("Tensor.item").lines[0] == "✂ Tensor.item: tracking stops here"
    assert found.boxes["root0"].lines[-1] == "does not require grad"


def test_with_the_screen_the_picture_is_written_on_leaving(tmp_path: Path) -> None:
    program(tmp_path, PROGRAMS["layers"])
    terminal = Terminal("--export", "graph.dot", "train.py", cwd=tmp_path)
    terminal.until("backward 1")
    assert not (tmp_path / "graph.dot").exists()
    terminal.type("qq")
    terminal.end()

    found = drawing((tmp_path / "graph.dot").read_text(encoding="utf-8"))
    assert found.caption[0] == "train.py: backward 1 at train.py:9"


def test_a_picture_that_cannot_be_drawn_is_refused_at_once(tmp_path: Path) -> None:
    program(tmp_path, PROGRAMS["layers"] + "print('it ran')\n")
    done = gradtui("--check", "--export", "graph.gif", "train.py", cwd=tmp_path)

    assert done.returncode == 2
    assert (
        done.stderr == "gradtui: --export takes a file that ends in .dot, .svg, .png, .pdf, not 'graph.gif'\n"
    )
    assert "it ran" not in done.stdout
