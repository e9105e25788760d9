"""The screen in a real terminal of 140x40: when it is there, and what each key costs its process."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from statistics import median

import pytest

from tests.benchmarks.conftest import Table
from tests.benchmarks.typist import Typist, typing_to

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 9
PRESSES = 24
SIZES = [10_000, 100_000, 1_000_000]
FIRST = ("first paint, median", "seconds", "CPU seconds")
KEYS = ("CPU ms of a key: median, worst", "on", *(f"{size:,}" for size in SIZES))
WHOLE = ("the screen of", "nodes", "seconds from backward to the graph", "its process at most, MiB")

SCRIPT = """
import sys, time
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.benchmarks import workloads
forward = workloads.{workload}()
loss = forward()
Path(__file__).with_suffix(".reached").write_text(str(time.time()))
loss.backward()
"""

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("here it is")
Bare().run()
"""


@dataclass(frozen=True)
class Keys:
    """Keys that are pressed in turn, each of which does something then."""

    name: str
    keys: str
    first: str = ""
    """What is typed before; isn't counted."""
    between: str = ""
    """What is typed before each of them; isn't counted."""


CHAIN = (
    Keys("cursor down", "j"),
    Keys("half a page, down and up", "\x04\x15"),
    Keys("the end, the top", "Gg"),
)
TREE = (
    *CHAIN,
    Keys("fold all", "-", between="+"),
    Keys("unfold all", "+", between="-"),
    Keys("fold the model, unfold it", " ", first="gj"),
    Keys("the same, with all in it folded", " ", first="-"),
    Keys("next cut", "x", first="+g"),
    Keys("along a reference", "\r", first="/stands\r", between="n"),
)
WORDS = ("addbackward", "workloads", "nowhere")
"""What is searched for, a letter a key: it is near, or found by its place, or isn't there."""


def pressed(typist: Typist, keys: Keys) -> list[float]:
    typist.terminal.press(keys.first)
    typist.settle()
    costs = []
    for number in range(PRESSES):
        if keys.between:
            typist.press(keys.between)
        costs.append(typist.press(keys.keys[number % len(keys.keys)]))
    return costs


def searched(typist: Typist) -> list[float]:
    """What each letter of a search costs."""
    costs = []
    for word in WORDS:
        typist.press("/")
        costs += [typist.press(letter) for letter in word]
        typist.press("\x1b")
    return costs


@pytest.mark.timeout(600)
def test_the_first_lines_are_there_before_a_bare_app_is(table: Table, tmp_path: Path) -> None:
    script, bare = tmp_path / "script.py", tmp_path / "bare.py"
    script.write_text("import torch", encoding="utf-8")
    bare.write_text(BARE, encoding="utf-8")
    ours = ["-m", "gradtui", str(script)]
    paints = {
        "the command's first lines": (ours, "starting Python"),
        "the command's whole screen": (ours, "q quit"),
        "a bare Textual app": ([str(bare)], "here it is"),
    }
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in paints}
    for number in range(ROUNDS + 1):
        for name, (words, text) in paints.items():
            with typing_to(words) as typist:
                painted = typist.painted(text)
            if number:  # the first round finds nothing compiled and nothing cached
                times[name].append(painted)
    for name, all_of_it in times.items():
        table.add(FIRST, name, *(median(column) for column in zip(*all_of_it, strict=True)))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("workload", ["adds", "blocks"])
def test_a_key_takes_as_long_in_a_large_graph(workload: str, table: Table, tmp_path: Path) -> None:
    cells: dict[str, list[str]] = {}
    for size in SIZES:
        script = tmp_path / f"{workload}_{size}.py"
        script.write_text(SCRIPT.format(root=str(ROOT), workload=f"{workload}({size})"), encoding="utf-8")
        with typing_to(["-m", "gradtui", str(script)]) as typist:
            wall, _ = typist.painted(" rows")
            reached = float(script.with_suffix(".reached").read_text(encoding="ascii"))
            seconds = typist.began + wall - reached
            typist.terminal.press("+")
            typist.rest()
            for keys in CHAIN if workload == "adds" else TREE:
                cells.setdefault(keys.name, []).append(said(pressed(typist, keys)))
            cells.setdefault("a letter of a search", []).append(said(searched(typist)))
            table.add(WHOLE, workload, f"{size:,}", seconds, typist.peak)
    for name, row in cells.items():
        table.add(KEYS, name, workload, *row)


def said(costs: list[float]) -> str:
    return f"{median(costs):.1f}, {max(costs):.1f}"
