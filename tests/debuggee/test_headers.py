"""The place of what a compound statement computes is its header, as `ast` has it, and none of its body."""

from __future__ import annotations

import ast
import linecache
import textwrap
from pathlib import Path

import pytest
import torch

from gradtui.debuggee.headers import header_end
from gradtui.diagnosis.source_text import File, SourceText
from gradtui.model.source import Site
from tests.debuggee.recording import recording

STATEMENTS = {
    "for": ("for i in range(3):  # three: all\n    y = i\n", "for i in range(3)"),
    "with": ("with open(':') as a, open({'b': 1}['b']) as b:\n    y = 1\n", None),
    "if": (
        "if (x := 1) and 'é:' in x[0:2]:\n    y = 1\nelse:\n    y = 2\n",
        "if (x := 1) and 'é:' in x[0:2]",
    ),
    "while": ("while f(\n    1,\n):\n    y = 1\n", "while f(\n    1,\n)"),
    "one line": ("if x: y = 1\n", "if x"),
}


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize("indent", ["", "        "])
def test_a_header_ends_before_its_colon(name: str, indent: str, tmp_path: Path) -> None:
    text, header = STATEMENTS[name]
    file = tmp_path / "program.py"
    file.write_text("if True:\n" + textwrap.indent(text, indent or "    "), encoding="utf-8")
    linecache.checkcache(str(file))
    column = len(indent) or 4

    end = header_end(str(file), 2, column)

    assert end is not None
    site = Site(str(file), 2, end[0], column, end[1], "", True)
    words = SourceText({str(file): file.read_text(encoding="utf-8")})
    assert textwrap.dedent(" " * column + words.expression(site)) == (header or text.partition(":\n")[0])
    assert isinstance(words.file(str(file)).node(site), (ast.For, ast.With, ast.If, ast.While))


@pytest.mark.parametrize(
    "text", ["x = 1\n", "forward(x)\n", "if_(\n1)\n", "for x in (\n", "", "match x:\n    case 1: y\n"]
)
def test_anything_else_has_no_header(text: str, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(text, encoding="utf-8")
    assert header_end(str(file), 1, 0) is None


def test_what_a_loop_gets_is_recorded_at_its_header() -> None:
    with recording(stop_at="1000") as made:
        x = torch.ones(2, requires_grad=True)
        for part in x:
            if part > 0:
                y = part * 2
        y.backward()
        sites = made.stops.recorder.sites.table
    words = SourceText({__file__: Path(__file__).read_text(encoding="utf-8")})
    texts = {words.expression(site) for site in sites if site.file == __file__}
    assert {"for part in x", "part > 0", "part * 2", "y.backward()"} <= texts
    assert not any("\n" in text for text in texts)


def test_names_in_a_header_are_not_those_of_the_body() -> None:
    text = "def f(loader):\n    for x in loader:\n        total += loss.item()\n"
    file = File(text)
    (loop,) = [node for node in ast.walk(file.tree) if isinstance(node, ast.For)]
    words = SourceText({"a.py": text})
    site = words.site(Site("a.py", 2, 2, 4, 9, "f", True), loop)

    assert words.expression(site) == "for x in loader" == file.source(loop)
    assert words.names_in(site) == ["loader"]
    assert not words.derives(site, Site("a.py", 3, 3, 17, 28, "f", True))
