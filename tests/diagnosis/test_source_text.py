"""What is read off the text of a program: names, bindings and the text of expressions."""

from __future__ import annotations

import ast
from dataclasses import replace

import pytest

from gradtui.diagnosis.source_text import File, SourceText
from gradtui.model.source import Site

PROGRAM = """\
def straße(größe):
    maß = torch.tensor([größe,
                        1.0])
    return maß + größe  # ä
\f
x = straße(2.0); y = x * 3
"""


def site(line: int, end: int) -> Site:
    return Site("train.py", line, line, 0, end, "<module>", user=True)


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_the_text_of_a_node_is_what_python_says_it_is(ends: str) -> None:
    file = File(PROGRAM.replace("\n", ends))

    nodes = [node for node in ast.walk(file.tree) if isinstance(node, (ast.expr, ast.stmt))]

    assert len(nodes) > 10
    plain = [file.source(node) for node in nodes]
    assert plain == [ast.get_source_segment(PROGRAM, node) for node in nodes]


@pytest.mark.parametrize("targets", ["grad,", "(grad,)", "[grad]", "grad"])
def test_the_only_one_of_several_targets_is_called_by_its_name(targets: str) -> None:
    text = f"{targets} = torch.autograd.grad(loss, x)"
    begin = text.index("torch")

    assert SourceText({"train.py": text}).variable(replace(site(1, len(text)), column=begin)) == "grad"


@pytest.mark.parametrize("text", ["x = (", "x=" + "-" * 100_000, "(" * 100_000, "\0"])
def test_what_python_cannot_read_has_no_words_and_harms_nothing(text: str) -> None:
    assert File(text).tree.body == []


def test_a_form_feed_ends_no_line() -> None:
    words = SourceText({"train.py": PROGRAM})

    assert words.expression(site(6, 15)) == "x = straße(2.0)"


def test_a_name_is_looked_up_without_reading_the_whole_file_again(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(f"x{i} = f(x{i - 1})" for i in range(1, 500))
    words = SourceText({"train.py": text})
    read: list[ast.AST] = []
    source = File.source

    def counted(file: File, node: ast.AST) -> str:
        read.append(node)
        return source(file, node)

    monkeypatch.setattr(File, "source", counted)

    for i in range(1, 500):
        assert len(words.makers(site(1, 2), f"x{i}")) == 1

    assert len(read) < 1000
