"""What a program does by how far its training has come, as its text has it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import pairwise, starmap

from gradtui.diagnosis.definitions import Function
from gradtui.diagnosis.source_text import File, SourceText, called_name, names_within
from gradtui.model.source import Site


def by_progress(words: SourceText, stack: Sequence[Site]) -> bool:
    """Whether one of the lines that were running, the innermost one first, stands under a condition on what a
    loop around it counts, `if epoch == 5:`, or on what its function is told of that, `if freeze:`."""
    lines = [site for site in stack if site.user]
    asks = any(any(_asks_how_far(words, site, test) for test in _conditions(words, site)) for site in lines)
    return asks or any(starmap(partial(_is_told_how_far, words), pairwise(lines)))


def _conditions(words: SourceText, site: Site) -> list[ast.expr]:
    """What must be true for a line to be reached, within its function."""
    file = words.file(site.file)
    statement = file.statement(site)
    around = _within_function(file, statement) if statement is not None else ()
    return [one.test for one in around if isinstance(one, ast.If) and statement not in one.orelse]


def _asks_how_far(words: SourceText, site: Site, test: ast.AST) -> bool:
    """Whether an expression at a site compares what a loop around that counts."""
    file = words.file(site.file)
    statement = file.statement(site)
    around = _within_function(file, statement) if statement is not None else ()
    counted = {name for loop in around if isinstance(loop, ast.For) for name in names_within(loop.target)}
    return any(
        isinstance(node, ast.Compare) and not counted.isdisjoint(names_within(node))
        for node in ast.walk(test)
    )


def _is_told_how_far(words: SourceText, site: Site, caller: Site) -> bool:
    """Whether a line is reached by what the call of its function gives: `net(x, freeze=epoch >= 10)`."""
    asked = {name for test in _conditions(words, site) for name in names_within(test)}
    function, call = words.file(site.file).function_at(site.line), words.file(caller.file).node(caller)
    if not asked or function is None or not isinstance(call, ast.Call):
        return False
    names = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
    given = [value for name in asked & {*names} for value in given_for(call, names, name)]
    return any(_asks_how_far(words, caller, value) for value in given)


def given_for(call: ast.Call, names: Sequence[str], name: str) -> list[ast.expr]:
    """What a call gives a function for one of these names of its arguments."""
    place = names.index(name) - (names[0] == "self")
    by_name = [one.value for one in call.keywords if one.arg == name]
    return by_name or (call.args[place : place + 1] if place >= 0 else [])


def changes(words: SourceText, site: Site, files: Iterable[Site], name: str) -> bool:
    """Whether the function around a line takes this name, and some call of it gives something for that which
    isn't written there as a constant: `set_trainable(encoder, epoch >= 5)`."""
    function = words.file(site.file).function_at(site.line)
    if function is None or name not in (names := [one.arg for one in function.args.args]):
        return False
    calls = (
        node
        for like in files
        for node in words.file(like.file).every(ast.Call)
        if called_name(node) == function.name
    )
    return any(not isinstance(one, ast.Constant) for call in calls for one in given_for(call, names, name))


def _within_function(file: File, statement: ast.stmt) -> Iterator[ast.AST]:
    for around in file.up(statement):
        if isinstance(around, Function):
            return
        yield around
