"""What the program's text says of learning rates: where one is rounded to a whole number, and whether any is
set after its optimizer was built."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from gradtui.diagnosis.source_text import File, SourceText, called_name, items_set, places_set
from gradtui.model.source import Site

RATE = "lr"
OF_FACTORS = frozenset({"LambdaLR", "MultiplicativeLR"})
"""Schedules that are made of functions which give a factor."""
GIVES_RATES = "get_lr"
"""The method of a schedule that gives the rates of all groups."""
ROUNDING = frozenset({"int", "round", "floor", "trunc"})


def rounded(words: SourceText, optimizer: Site) -> tuple[Site, bool] | None:
    """The expression that gives some learning rate as a whole number, `0.02 // 10`: one for an optimizer that
    is built at a place, and then that is sure, or the only one that there is."""
    found = [pair for path in words.paths for pair in _rounded(words, replace(optimizer, file=path))]
    here = [place for given, place in found if words.encloses(optimizer, given)]
    if here or len(found) == 1:
        return (here[0], True) if here else (found[0][1], False)
    return None


def _rounded(words: SourceText, like: Site) -> Iterator[tuple[Site, Site]]:
    """Where a rate is given, and the expression that rounds it: the same, or what a name is bound to."""
    for node in _given(words.file(like.file)):
        given = words.site(like, node)
        makers = words.makers(given, words.expression(given)) if isinstance(node, ast.Name) else [given]
        yield from ((given, one) for one in makers if _rounds(words.file(one.file).node(one)))


def rounded_factor(words: SourceText, like: Site, schedule: Site | None) -> Site | None:
    """The one place at which a function gives a whole number made of a fraction, where schedules are built of
    functions: `return step // warmup`; or at which the schedule's own class divides to one."""
    files = [(path, words.file(path)) for path in words.paths]
    if not any(called_name(node) in OF_FACTORS for _, file in files for node in file.every(ast.Call)):
        return _divided_in(words, schedule) if schedule is not None else None
    given = [(path, node.value) for path, file in files for node in file.every(ast.Return)]
    given += [(path, node.body) for path, file in files for node in file.every(ast.Lambda)]
    found = [words.site(replace(like, file=path), one) for path, one in given if one and _is_whole(one)]
    return found[0] if len(found) == 1 else None


def _divided_in(words: SourceText, schedule: Site) -> Site | None:
    """The one whole division in `get_lr` of the class that is called at a place, where that is written in the
    program."""
    name, found = words.call_name(schedule), list[Site]()
    for path in words.paths:
        file = words.file(path)
        rates = [
            method
            for one in file.every(ast.ClassDef)
            if one.name == name
            for method in one.body
            if isinstance(method, ast.FunctionDef) and method.name == GIVES_RATES
        ]
        divided = (node for method in rates for node in ast.walk(method) if isinstance(node, ast.BinOp))
        found += [words.site(replace(schedule, file=path), one) for one in divided if _rounds(one)]
    return found[0] if len(found) == 1 else None


def schedule_of(words: SourceText, optimizer: Site) -> Site | None:
    """What is made of an optimizer behind it, in the same function: `scheduler = ...(optimizer, ...)`."""
    file, name = words.file(optimizer.file), words.target(optimizer)
    scope = file.function_at(optimizer.line)
    for _, value, statement in file.assignments:
        given = value.args[:1] if isinstance(value, ast.Call) and statement.lineno > optimizer.line else []
        if name and [file.source(one) for one in given] == [name] and file.function_at(value.lineno) is scope:
            return words.site(optimizer, value)
    return None


def _given(file: File) -> Iterator[ast.expr]:
    """What is given as a learning rate: by keyword, or as an item of a group."""
    for keyword in file.every(ast.keyword):
        if keyword.arg == RATE:
            yield keyword.value
    for node in file.every(ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == RATE:
                yield value


def _rounds(node: ast.AST | None) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.FloorDiv) or _rounds(node.left) or _rounds(node.right)
    return isinstance(node, ast.Call) and called_name(node) in ROUNDING


def _is_whole(node: ast.AST | None) -> bool:
    """Whether a factor is a whole number as a whole, and not one by which another is raised."""
    if isinstance(node, ast.IfExp):
        return _is_whole(node.body) or _is_whole(node.orelse)
    if not isinstance(node, ast.BinOp):
        return _rounds(node)
    if isinstance(node.op, ast.Mult):
        return _is_whole(node.left) or _is_whole(node.right)
    return isinstance(node.op, ast.FloorDiv)


def scheduled(words: SourceText) -> bool:
    """Whether the text sets a learning rate of some group, as in `group["lr"] = rate`, or may by `update`."""
    files = [words.file(path) for path in words.paths]
    return any(items_set(file, RATE) or _updates_groups(file) for file in files)


def thawed(words: SourceText, like: Site) -> list[Site]:
    """Where the text gives some group a learning rate; nothing where it also sets one to 0, which may be what
    it does to that group as well."""
    return [] if zeroed_by_hand(words) else places_set(words, like, RATE)


def zeroed_by_hand(words: SourceText) -> bool:
    """Whether the text sets a rate of some group to what has a 0 in it."""
    values = (value for path in words.paths for _, value in items_set(words.file(path), RATE))
    found = (one for value in values for one in ast.walk(value) if isinstance(one, ast.Constant))
    return any(type(one.value) in (int, float) and one.value == 0 for one in found)


def _updates_groups(file: File) -> bool:
    """Whether the text calls `update` on a group of parameters, `for group in optimizer.param_groups:`."""
    groups = {file.source(loop.target) for loop in file.every(ast.For) if _is_groups(loop.iter)}
    calls = (node.func for node in file.every(ast.Call))
    updated = (one.value for one in calls if isinstance(one, ast.Attribute) and one.attr == "update")
    return any(
        file.source(one) in groups or (isinstance(one, ast.Subscript) and _is_groups(one.value))
        for one in updated
    )


def _is_groups(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "param_groups"
