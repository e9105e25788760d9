"""Conditions on parameters' names, `if "head" in name:`, and whether any name fulfils them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from gradtui.diagnosis.definitions import Function
from gradtui.diagnosis.naming import words_of
from gradtui.diagnosis.source_text import SourceText, names_within
from gradtui.model.source import Site

METHODS = {"startswith": str.startswith, "endswith": str.endswith}
NORMS = frozenset(["bn", "ln", "gn", "normalization", "normalisation"])
"""What norms are called, and whatever ends in `norm`."""


def rules_out(words: SourceText, site: Site, names: Iterable[str]) -> bool:
    """Whether a line stands under a condition that asks for parts of names, and that none of these has."""
    condition = _condition(words, site)
    return condition is not None and met_by_none(condition, names)


def asks_for_names_alone(words: SourceText, site: Site) -> bool:
    """Whether the innermost condition around a line asks only for what its loop goes through: no option of
    the program takes part in it."""
    file = words.file(site.file)
    statement = file.statement(site)
    around = list(file.up(statement)) if statement is not None else []
    loop = next((one for one in around if isinstance(one, ast.For)), None)
    asked = next((one for one in around if isinstance(one, ast.If)), None)
    if loop is None or asked is None:
        return False
    through = names_within(loop.target)
    return not any(through.isdisjoint(names_within(part)) for part in _parts(asked.test))


def _parts(test: ast.expr) -> Iterator[ast.expr]:
    """What `and`, `or` and `not` join."""
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _parts(value)
    elif isinstance(test, ast.UnaryOp):
        yield from _parts(test.operand)
    else:
        yield test


def is_met(words: SourceText, site: Site, names: Iterable[str]) -> bool:
    """Whether a line stands under a condition that asks for parts of names, and some of these has one."""
    condition = _condition(words, site)
    tests = list(_tests(condition)) if condition is not None else []
    return any(_fulfils(test, name) for name in names for test in tests)


def asks_for_norms(words: SourceText, site: Site) -> bool:
    """Whether a line stands under a condition that asks for parts of names of norms, which not every model
    has that the line is there for."""
    condition = _condition(words, site)
    texts = [text for _, asked in _tests(condition) for text in asked] if condition is not None else []
    named = (any(one.endswith("norm") or one in NORMS for one in words_of(text)) for text in texts)
    return bool(texts) and all(named)


def takes_all(words: SourceText, site: Site, names: Iterable[str]) -> bool:
    """Whether a line stands under a condition that asks for parts of names, and each of these has one."""
    condition = _condition(words, site)
    tests = list(_tests(condition)) if condition is not None else []
    return bool(tests) and all(any(_fulfils(test, name) for test in tests) for name in names)


def _condition(words: SourceText, site: Site) -> ast.expr | None:
    """The innermost condition that a line stands under."""
    file = words.file(site.file)
    statement = file.statement(site)
    around = next((one for one in file.up(statement) if isinstance(one, ast.If)), None) if statement else None
    return around.test if around is not None and statement not in around.orelse else None


def met_by_none(condition: ast.expr, names: Iterable[str]) -> bool:
    """Whether a condition asks for parts of names, and none of these has one of them."""
    tests = list(_tests(condition))
    return bool(tests) and not any(_fulfils(test, name) for name in names for test in tests)


def by_parts_of_names(words: SourceText, site: Site) -> bool:
    """Whether what a line does is chosen by how texts begin, or by what is in them: in a condition around it,
    in its own statement, or by a `continue` before it."""
    file = words.file(site.file)
    statement = file.statement(site)
    if statement is None:
        return False
    asked: list[ast.AST] = [] if isinstance(statement, ast.If | ast.For) else [statement]
    for around in file.up(statement):
        if isinstance(around, Function):
            break
        if isinstance(around, ast.If):
            asked.append(around.test)
        elif isinstance(around, ast.For):
            asked += [around.iter, *(one.test for one in around.body if isinstance(one, ast.If))]
    return any(_asks_for_a_part(node) for one in asked for node in ast.walk(one))


def _asks_for_a_part(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return isinstance(node.ops[0], ast.In | ast.NotIn)
    return isinstance(node, ast.Attribute) and node.attr in ("startswith", "match", "search")


def _tests(condition: ast.expr) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each question to a name as what is asked and the texts that will do; nothing where there are others."""
    parts = condition.values if isinstance(condition, ast.BoolOp) else [condition]
    found = [_test(part) for part in parts]
    if all(found):
        yield from (test for test in found if test)


def _test(part: ast.expr) -> tuple[str, tuple[str, ...]] | None:
    if isinstance(part, ast.Compare) and len(part.ops) == 1 and isinstance(part.ops[0], ast.In):
        asked, given = "in", part.left
    elif isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and len(part.args) == 1:
        asked, given = part.func.attr, part.args[0]
    else:
        return None
    items = given.elts if isinstance(given, ast.Tuple) else [given]
    texts = tuple(one.value for one in items if isinstance(one, ast.Constant) and isinstance(one.value, str))
    known = asked == "in" or asked in METHODS
    return (asked, texts) if known and texts and len(texts) == len(items) else None


def _fulfils(test: tuple[str, tuple[str, ...]], name: str) -> bool:
    """By any end of a name as well: what stands before may be a model's that the program leaves out."""
    asked, texts = test
    if asked == "in":
        return any(text in name for text in texts)
    parts = name.split(".")
    ends = (".".join(parts[place:]) for place in range(len(parts)))
    return any(METHODS[asked](end, text) for end in ends for text in texts)
