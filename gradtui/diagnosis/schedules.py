"""What a program does by how far its training has come, as its text has it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from gradtui.diagnosis.definitions import Function
from gradtui.diagnosis.source_text import File, SourceText, called_name, names_within
from gradtui.model.source import Site


def by_progress(words: SourceText, stack: Sequence[Site]) -> bool:
    """Whether one of the lines that were running stands under a condition on what a loop around it counts:
    `if epoch == 5:`."""
    return any(_asks_how_far(words, site) for site in stack if site.user)


def _asks_how_far(words: SourceText, site: Site) -> bool:
    file = words.file(site.file)
    statement = file.statement(site)
    around = list(_within_function(file, statement)) if statement is not None else []
    counted = {name for loop in around if isinstance(loop, ast.For) for name in names_within(loop.target)}
    asked = (one.test for one in around if isinstance(one, ast.If) and statement not in one.orelse)
    return any(
        isinstance(node, ast.Compare) and not counted.isdisjoint(names_within(node))
        for test in asked
        for node in ast.walk(test)
    )


def changes(words: SourceText, site: Site, files: Iterable[Site], name: str) -> bool:
    """Whether the function around a line takes this name, and some call of it gives something for that which
    isn't written there as a constant: `set_trainable(encoder, epoch >= 5)`."""
    function = words.file(site.file).function_at(site.line)
    if function is None or name not in (names := [one.arg for one in function.args.args]):
        return False
    place = names.index(name)
    for like in files:
        for node in ast.walk(words.file(like.file).tree):
            if isinstance(node, ast.Call) and called_name(node) == function.name:
                skipped = isinstance(node.func, ast.Attribute) and names[0] == "self"
                given = node.args[place - skipped : place - skipped + 1]
                given += [one.value for one in node.keywords if one.arg == name]
                if any(not isinstance(one, ast.Constant) for one in given):
                    return True
    return False


def _within_function(file: File, statement: ast.stmt) -> Iterator[ast.AST]:
    for around in file.up(statement):
        if isinstance(around, Function):
            return
        yield around
