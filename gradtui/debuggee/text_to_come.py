"""What the program's text says of what is yet to run: whether it builds another optimizer, or lets something
require grad. A check that ended before has judged only half of the program.

It is seen from where the program is: what its functions have yet to run, and the functions that those call,
by name. Nothing is run; a file that can't be parsed tells nothing.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from types import CodeType, FrameType

from torch.optim import Optimizer

from gradtui.debuggee.owners import Owners
from gradtui.debuggee.sites import Sites

DEEP = 6
"""Calls of functions into each other that are followed."""
FILES = 200
"""Files of the user's own that are read at most."""

DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?(?:def|class)[ \t]+(\w+)", re.MULTILINE)
Item = tuple[str, ast.AST]
"""A file, and a part of its text."""


def optimizer_to_come(frame: FrameType | None, sites: Sites, owners: Owners) -> bool:
    """Whether what is yet to run builds an optimizer: in what follows, or at a new place of a loop."""
    built = {(site.file, site.line) for site in (sites.table[one.site] for one in owners.optimizers)}
    texts = _Texts(sites)
    follows, again = texts.rest(frame)

    def builds(file: str, node: ast.AST, known: set[tuple[str, int]]) -> bool:
        if not isinstance(node, ast.Call) or _name(node.func) not in texts.optimizers:
            return False
        lines = range(node.lineno, (node.end_lineno or node.lineno) + 1)
        return known.isdisjoint((file, line) for line in lines)

    return texts.contain(follows, lambda file, node: builds(file, node, set())) or texts.contain(
        again, lambda file, node: builds(file, node, built)
    )


def thaw_to_come(frame: FrameType | None, sites: Sites) -> bool:
    """Whether what is yet to run, the loops around it included, lets something require grad."""
    texts = _Texts(sites)
    follows, again = texts.rest(frame)
    return texts.contain([*follows, *again], lambda _, node: _thaws(node))


def _thaws(node: ast.AST) -> bool:
    """Whether it sets a flag to anything else than False, as it is written."""
    if isinstance(node, ast.Call):
        given = [*node.args, *(one.value for one in node.keywords)]
        return _name(node.func) == "requires_grad_" and not any(map(_is_false, given))
    if isinstance(node, ast.Assign):
        flags = [
            one for one in node.targets if isinstance(one, ast.Attribute) and one.attr == "requires_grad"
        ]
        return bool(flags) and not _is_false(node.value)
    return False


def _is_false(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


class _Texts:
    """The user's files, parsed when they are asked for, and what they say."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.optimizers = {kind.__name__ for kind in _kinds(Optimizer)}
        """Names of all classes of optimizers that there are."""
        self._trees: dict[str, ast.Module] = {}
        self._functions: dict[str, dict[str, list[ast.AST]]] = {}

    def tree(self, file: str) -> ast.Module:
        if file not in self._trees:
            self._trees[file] = parsed(file)
        return self._trees[file]

    def functions(self, name: str) -> Iterator[Item]:
        """Those of that name in any file, and what makes an object of a class of that name."""
        for file in self._defining.get(name, ()):
            if file not in self._functions:
                self._functions[file] = _functions(self.tree(file))
            yield from ((file, node) for node in self._functions[file].get(name, ()))

    @cached_property
    def _defining(self) -> dict[str, list[str]]:
        """By name the files that define it, by their lines: to parse all takes a second, of many."""
        found: dict[str, list[str]] = {}
        for file in self._files():
            for name in dict.fromkeys(DEFINITION.findall("".join(linecache.getlines(file)))):
                found.setdefault(name, []).append(file)
        return found

    def _files(self) -> list[str]:
        # From their dicts: a module that loads its parts when they are asked for would begin to.
        modules = [str(getattr(one, "__dict__", {}).get("__file__")) for one in list(sys.modules.values())]
        known = [site.file for site in self.sites.table if site.user]
        files = dict.fromkeys([*known, *(file for file in modules if file.endswith(".py"))])
        return [file for file in files if self.sites.is_user_file(file)][:FILES]

    def contain(self, parts: Sequence[Item], wanted: Callable[[str, ast.AST], bool]) -> bool:
        """Whether such a node is in some of these parts, or in a function that they call."""
        pending, seen = parts, set[str]()
        for _ in range(DEEP):
            called: set[str] = set()
            for file, part in pending:
                for node in ast.walk(part):
                    if wanted(file, node):
                        return True
                    if isinstance(node, ast.Call):
                        called.add(_name(node.func))
            pending = [item for name in called - seen for item in self.functions(name)]
            seen |= called
        return False

    def rest(self, frame: FrameType | None) -> tuple[list[Item], list[Item]]:
        """What the functions that run now have yet to run: what follows, and the loops around them again."""
        follows, again = list[Item](), list[Item]()
        while frame is not None:
            code, file = frame.f_code, self.sites.absolute(frame.f_code.co_filename)
            node = _running(code, self.tree(file)) if self.sites.is_user(code) else None
            if node is not None:
                follows += ((file, one) for one in _after(node, frame.f_lineno))
                again += ((file, one) for one in _loops(node, frame.f_lineno))
            frame = frame.f_back
        return follows, again


def _functions(tree: ast.Module) -> dict[str, list[ast.AST]]:
    """By name the functions of a file, and the `__init__` of its classes by theirs."""
    found: dict[str, list[ast.AST]] = {}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            found.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.ClassDef):
            made = [one for one in node.body if getattr(one, "name", "") == "__init__"]
            found.setdefault(node.name, []).extend(made)
    return found


def parsed(file: str) -> ast.Module:
    """The text of a file as a tree; empty where it is none. What Python warns of in it isn't told again."""
    show = warnings._showwarnmsg  # type: ignore[attr-defined]
    # Not by a filter: a change of these makes Python repeat warnings that the program has had.
    warnings._showwarnmsg = lambda _: None  # type: ignore[attr-defined]
    try:
        return ast.parse("".join(linecache.getlines(file)))
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])
    finally:
        warnings._showwarnmsg = show  # type: ignore[attr-defined]


def _kinds(kind: type) -> Iterator[type]:
    kinds: list[type] = kind.__subclasses__()
    for below in kinds:
        yield below
        yield from _kinds(below)


def _running(code: CodeType, tree: ast.Module) -> ast.AST | None:
    """The module or the function that a code is of; None for a lambda, or what is written in brackets."""
    if code.co_name == "<module>":
        return tree
    functions = (one for one in ast.walk(tree) if isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef)))
    return next((one for one in functions if _first(one) == code.co_firstlineno), None)


def _first(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """The line at which its code begins: that of its first decorator, where it has any."""
    return min([function.lineno, *(one.lineno for one in function.decorator_list)])


def _after(node: ast.AST, line: int) -> Iterator[ast.stmt]:
    """The statements that follow the one at a line, in its block and in those around it.

    Another branch of an `if` or a `try` doesn't follow.
    """
    for name in ("body", "orelse", "finalbody"):
        block: Sequence[ast.stmt] = getattr(node, name, [])
        for place, statement in enumerate(block):
            if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
                yield from _after(statement, line)
                yield from block[place + 1 :]
                if isinstance(node, ast.Try):
                    yield from (*(node.orelse if name == "body" else ()), *node.finalbody)
                return
    for handler in node.handlers if isinstance(node, ast.Try) else ():
        if handler.lineno <= line <= (handler.end_lineno or handler.lineno):
            yield from _after(handler, line)


def _loops(node: ast.AST, line: int) -> Iterator[ast.stmt]:
    """The outermost loop around a line."""
    for statement in ast.walk(node):
        if not isinstance(statement, (ast.For, ast.AsyncFor, ast.While)):
            continue
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            yield statement
            return


def _name(function: ast.expr) -> str:
    """The last part of the name of what is called."""
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
