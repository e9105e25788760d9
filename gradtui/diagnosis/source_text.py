"""The user's own words for a place in the source: the variable it is assigned to, the expression itself.

Works on the text that the debuggee sent along; reads no file. Where the text doesn't tell, answers are empty.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import cached_property, lru_cache
from threading import get_ident
from typing import TypeVar, cast

from gradtui.model.source import Site, lines_of

Span = tuple[int, int, int, int]
"""Line, column, end line, end column; columns in UTF-8 bytes as `ast` counts them."""

Assignment = tuple[ast.expr, ast.expr, ast.stmt]
"""The target, the expression it is bound to, and the statement that does it."""

Compound = ast.For | ast.AsyncFor | ast.While | ast.If | ast.With | ast.AsyncWith
"""Statements of which a site is the header alone: what they run is no part of what they compute."""

Node = TypeVar("Node", bound=ast.AST)

LOOPS = (ast.For, ast.AsyncFor, ast.While)
"""Statements whose body may run more than once."""

GATHERING = frozenset(["append", "extend"])
"""Methods that put something into a list."""
BINDINGS = 5
"""Names that are followed from an expression to what it is made of: values pass through two or three
variables between two lines, and with many more all of a long function is made of its first line."""


def _unpacked(target: ast.expr, value: ast.expr, statement: ast.stmt) -> Iterator[Assignment]:
    if not isinstance(target, (ast.Tuple, ast.List)):
        yield target, value, statement
        return
    values = value.elts if isinstance(value, (ast.Tuple, ast.List)) else []
    for number, one in enumerate(target.elts):
        same = len(values) == len(target.elts)
        yield from _unpacked(one, values[number] if same else value, statement)


def _first(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def names_within(node: ast.AST) -> set[str]:
    """All names that an expression, or a target, is written with."""
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def items_set(file: File, key: str) -> list[tuple[ast.stmt, ast.expr]]:
    """Statements that set an item of this key, as in `group["lr"] = 0`, with what they set it to."""
    return [
        (statement, value)
        for target, value, statement in file.assignments
        if isinstance(target, ast.Subscript)
        and isinstance(target.slice, ast.Constant)
        and target.slice.value == key
    ]


def places_set(words: SourceText, like: Site, key: str) -> list[Site]:
    """Where the text sets an item of this key."""
    return [
        words.site(replace(like, file=path), statement)
        for path in words.paths
        for statement, _ in items_set(words.file(path), key)
    ]


BLOCKS = ("body", "orelse", "finalbody")
"""What the blocks of a statement are called."""


def called_name(node: ast.AST) -> str:
    """The last part of the name of what is called, or of the name itself: `no_grad` of `torch.no_grad()`."""
    if isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


class File:
    """One parsed source file, searchable by place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = lines_of(text)

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # which Python's parser raises as well
            return ast.Module(body=[], type_ignores=[])

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        """Of every node the one around it, in the order of `ast.walk`."""
        parents: dict[ast.AST, ast.AST] = {}
        nodes: list[ast.AST] = [self.tree]
        for node in nodes:
            for child in ast.iter_child_nodes(node):
                if child not in parents:  # a `Load`, or an operator: there is one of each
                    parents[child] = node
                    nodes.append(child)
        return parents

    @cached_property
    def _by_kind(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = {}
        for node in self.parents:
            found.setdefault(type(node), []).append(node)
        return found

    def every(self, kind: type[Node]) -> list[Node]:
        """All nodes of a kind, or of those that derive from it, in the order of `ast.walk`.

        The file is walked once for all who ask: walking it takes longer than what they look for.
        """
        alike = [nodes for one, nodes in self._by_kind.items() if issubclass(one, kind)]
        if len(alike) < 2:
            return cast("list[Node]", alike[0] if alike else [])
        return [node for node in self.parents if isinstance(node, kind)]

    @cached_property
    def spans(self) -> dict[Span, ast.AST]:
        """Nodes by their exact span; where several share one, the outermost that is an expression."""
        spans: dict[Span, ast.AST] = {}
        for node in self.parents:
            # A statement that is nothing but an expression has the expression's own span.
            if isinstance(node, (ast.expr, ast.stmt)) and not isinstance(node, ast.Expr):
                spans.setdefault(_span(node), node)
        return spans

    @cached_property
    def compounds(self) -> dict[tuple[int, int], Compound]:
        """Compound statements by where they begin: no expression begins there."""
        return {_span(node)[:2]: node for node in self.parents if isinstance(node, Compound)}

    @cached_property
    def statements(self) -> dict[int, list[ast.stmt]]:
        """Statements by the lines they stand on, outer ones first."""
        found: dict[int, list[ast.stmt]] = {}
        for node in self.every(ast.stmt):
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1):
                found.setdefault(line, []).append(node)
        return found

    def span(self, site: Site) -> Span:
        return (
            site.line,
            self._bytes(site.line, site.column),
            site.end_line,
            self._bytes(site.end_line, site.end_column),
        )

    def node(self, site: Site) -> ast.AST | None:
        span = self.span(site)
        return self.spans.get(span) or self.compounds.get(span[:2])

    def statement(self, site: Site) -> ast.stmt | None:
        """The innermost simple statement that the site is part of."""
        found = self.statements.get(site.line, [])
        simple = [node for node in found if not hasattr(node, "body")]
        line, column, _, _ = self.span(site)
        around = [node for node in simple if _span(node)[:2] <= (line, column) < _span(node)[2:]]
        return next(reversed(around or simple or found), None)

    def source(self, node: ast.AST) -> str:
        """The text of a node. `ast.get_source_segment` splits the whole file for each."""
        if not isinstance(node, (ast.expr, ast.stmt)):
            return ""
        line, column, last, end = _span(node)
        if isinstance(node, Compound):
            last, end = _span(header_of(node)[-1])[2:]
        lines = self.lines[line - 1 : last]
        if not lines:
            return ""
        lines[-1] = lines[-1].encode()[:end].decode(errors="ignore")
        lines[0] = lines[0].encode()[column:].decode(errors="ignore")
        return "\n".join(lines)

    def up(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around this one, inside out."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    @cached_property
    def blocks(self) -> dict[ast.stmt, tuple[ast.AST, str]]:
        """Of every statement in which block it stands: of what, and which of its parts."""
        found: dict[ast.stmt, tuple[ast.AST, str]] = {}
        for node in (self.tree, *self.parents):
            for part in BLOCKS:
                block = getattr(node, part, None)
                if isinstance(block, list):  # a lambda has an expression for a body
                    found.update(dict.fromkeys(block, (node, part)))
        return found

    @cached_property
    def names(self) -> dict[str, list[ast.Name]]:
        """By name the places where the text has it, in order."""
        found: dict[str, list[ast.Name]] = {}
        for node in sorted(self.every(ast.Name), key=lambda node: (node.lineno, node.col_offset)):
            found.setdefault(node.id, []).append(node)
        return found

    @cached_property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        return [*self.every(ast.FunctionDef), *self.every(ast.AsyncFunctionDef)]

    @cached_property
    def assignments(self) -> list[Assignment]:
        """Every binding of one name or attribute to an expression, in the order of the text."""
        statements: list[ast.Assign | ast.AnnAssign | ast.AugAssign] = [
            *self.every(ast.Assign),
            *self.every(ast.AnnAssign),
            *self.every(ast.AugAssign),
        ]
        found = [
            (target, node.value, node)
            for node in statements
            if node.value is not None
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        ]
        pairs = [pair for target, value, node in found for pair in _unpacked(target, value, node)]
        return sorted(pairs, key=lambda pair: pair[2].lineno)

    @cached_property
    def bindings(self) -> dict[str, list[tuple[ast.expr, ast.stmt]]]:
        """By name or attribute: the expressions it is bound to, with their statements."""
        found: dict[str, list[tuple[ast.expr, ast.stmt]]] = {}
        for target, value, statement in self.assignments:
            found.setdefault(self.source(target), []).append((value, statement))
        return found

    def function_at(self, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
        """The innermost function definition around a line."""
        around = [node for node in self.functions if _first(node) <= line <= (node.end_lineno or node.lineno)]
        return max(around, key=_first, default=None)

    def _bytes(self, line: int, column: int) -> int:
        if not 0 < line <= len(self.lines):
            return column
        text = self.lines[line - 1]
        return column if text.isascii() else len(text[:column].encode())


@lru_cache(maxsize=32)
def parsed(text: str, _thread: int) -> File:
    """The file of a text: a run is judged again at each of its stops, and its text is the same.

    One for each thread: two that parse a file at a time would each have a tree of their own.
    """
    return File(text)


class SourceText:
    """Answers questions about sites of any of the files it was given."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._files: dict[str, File] = {}

    @property
    def paths(self) -> tuple[str, ...]:
        """The files whose text is known."""
        return tuple(self._sources)

    def file(self, path: str) -> File:
        if path not in self._files:
            self._files[path] = parsed(self._sources.get(path, ""), get_ident())
        return self._files[path]

    def line(self, path: str, number: int) -> str:
        """One line of a file, without its end."""
        lines = self.file(path).lines
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def expression(self, site: Site) -> str:
        """The source text of the site."""
        lines = self.file(site.file).lines
        if not 0 < site.line <= site.end_line <= len(lines):
            return ""
        if site.line == site.end_line:
            return lines[site.line - 1][site.column : site.end_column]
        inner = lines[site.line : site.end_line - 1]
        return "\n".join(
            [lines[site.line - 1][site.column :], *inner, lines[site.end_line - 1][: site.end_column]]
        )

    def variable(self, site: Site) -> str:
        """The name that the expression's value is assigned to."""
        file = self.file(site.file)
        statement, span = file.statement(site), file.span(site)
        if isinstance(statement, ast.Assign):
            targets, value = statement.targets, statement.value
        elif isinstance(statement, (ast.AnnAssign, ast.AugAssign)) and statement.value is not None:
            targets, value = [statement.target], statement.value
        else:
            return ""
        if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
            made = value.func.value
            if value.func.attr == "requires_grad_" and span == _span(made):
                value = made  # it gives what it is called on
        whole = _span(value)
        augmented = isinstance(statement, ast.AugAssign) and span[:2] == (
            statement.lineno,
            statement.col_offset,
        )
        if span != whole and not augmented:
            return ""
        target = targets[0]
        if isinstance(target, (ast.Tuple, ast.List)) and len(target.elts) == 1:
            target = target.elts[0]  # `grad, = torch.autograd.grad(...)`
        return file.source(target).strip("()")

    def receiver(self, site: Site) -> str:
        """What stands before the last dot: `loss` of `loss.backward()`."""
        node = self.file(site.file).node(site)
        if isinstance(node, ast.Call):
            node = node.func
        return self.file(site.file).source(node.value) if isinstance(node, ast.Attribute) else ""

    def site(self, like: Site, node: ast.AST) -> Site:
        """The place of a piece of the text, in the file and function of another site."""
        lines = self.file(like.file).lines
        last = header_of(node)[-1] if isinstance(node, Compound) else node
        line, end = getattr(node, "lineno", like.line), getattr(last, "end_lineno", like.line)
        return replace(
            like,
            line=line,
            end_line=end,
            column=_characters(lines, line, getattr(node, "col_offset", 0)),
            end_column=_characters(lines, end, getattr(last, "end_col_offset", 0)),
        )

    def with_item(self, site: Site, names: Collection[str]) -> Site | None:
        """The innermost `with` around a site, in its own function, that enters one of these contexts."""
        for node in self._around(site):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
                return None
            if isinstance(node, (ast.With, ast.AsyncWith)) and node.body[0].lineno <= site.line:
                for item in node.items:
                    if called_name(item.context_expr) in names:
                        return self.site(site, item.context_expr)
        return None

    def yields(self, site: Site) -> Site | None:
        """Where the `with` that a site is the header of gives a value to whoever asked its generator."""
        node = self.file(site.file).node(site)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for inner in ast.walk(node):
                if isinstance(inner, (ast.Yield, ast.YieldFrom)):
                    return self.site(site, inner)
        return None

    def decorator(self, site: Site, names: Collection[str]) -> Site | None:
        """The decorator of one of these names on the function that a site is in."""
        for node in self._around(site):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for decorator in node.decorator_list:
                    if called_name(decorator) in names:
                        return self.site(site, decorator)
                return None
        return None

    def encloses(self, outer: Site, inner: Site) -> bool:
        """Whether one expression is part of another, or the same."""
        if outer.file != inner.file:
            return False
        begins = (outer.line, outer.column) <= (inner.line, inner.column)
        return begins and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)

    def same_statement(self, one: Site, other: Site) -> bool:
        if one.file != other.file:
            return False
        statement = self.file(one.file).statement(one)
        return statement is not None and statement is self.file(one.file).statement(other)

    def written(self, site: Site) -> str:
        """What a text that writes in place writes into: `x` of `x[0] = 1`, `x += 1` and `x.add_(1)`."""
        file = self.file(site.file)
        node = file.node(site)
        if isinstance(node, ast.Call):
            return self.receiver(site)
        if isinstance(node, ast.AugAssign):
            node = node.target
        while isinstance(node, ast.Subscript):
            node = node.value
        return file.source(node) if isinstance(node, (ast.Name, ast.Attribute)) else ""

    def whole(self, site: Site) -> str:
        """The statement that a site is part of, where it stands on one line."""
        file = self.file(site.file)
        statement = file.statement(site)
        source = file.source(statement) if statement is not None else ""
        return "" if "\n" in source or len(source) > 60 else source

    def arguments(self, site: Site) -> list[str]:
        """The texts of what the call that a site is hands over, in order; nothing where some is unpacked."""
        file = self.file(site.file)
        node = file.node(site)
        if not isinstance(node, ast.Call) or any(isinstance(one, ast.Starred) for one in node.args):
            return []
        return [file.source(one) for one in node.args]

    def is_number(self, site: Site) -> bool:
        """Whether a number is written there."""
        node = self.file(site.file).node(site)
        return isinstance(node, ast.Constant) and isinstance(node.value, (int, float))

    def keywords(self, site: Site) -> dict[str, str]:
        """The keyword arguments of the call that a site is, by name as they are written."""
        file = self.file(site.file)
        node = file.node(site)
        given = node.keywords if isinstance(node, ast.Call) else []
        return {one.arg: file.source(one.value) for one in given if one.arg}

    def constants(self, site: Site) -> list[float]:
        """The numbers that an expression is written with, as operands or arguments of its own."""
        node = self.file(site.file).node(site)
        if isinstance(node, ast.BinOp):
            parts: list[ast.expr] = [node.left, node.right]
        else:
            parts = node.args if isinstance(node, ast.Call) else []
        values = [part.value for part in parts if isinstance(part, ast.Constant)]
        return [float(value) for value in values if isinstance(value, (int, float))]

    def dropped(self, site: Site) -> bool:
        """Whether a site is a whole statement: nobody takes what it gives."""
        file = self.file(site.file)
        statement = file.statement(site)
        return isinstance(statement, ast.Expr) and file.node(site) is statement.value

    def call_name(self, site: Site) -> str:
        """The last part of the name of the function that the site calls."""
        node = self.file(site.file).node(site)
        return called_name(node) if isinstance(node, ast.Call) else ""

    def target(self, site: Site) -> str:
        """The name that the statement around a site binds, whatever part of it the site is."""
        statement = self.file(site.file).statement(site)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            return self.file(site.file).source(statement.targets[0]).strip("()")
        if isinstance(statement, (ast.AnnAssign, ast.AugAssign)):
            return self.file(site.file).source(statement.target)
        return ""

    def stores(self, site: Site) -> bool:
        """Whether a line puts what it computes where it outlives the function."""
        return any(mark in self.target(site) for mark in ".[")

    def gives_away(self, site: Site) -> bool:
        """Whether a function returns what it computes here, by itself or under a name of its own."""
        file = self.file(site.file)
        statement, name = file.statement(site), self.target(site)
        function = file.function_at(site.line)
        if isinstance(statement, ast.Return) or function is None or not name.isidentifier():
            return isinstance(statement, ast.Return)
        returned = (one.value for one in ast.walk(function) if isinstance(one, ast.Return) and one.value)
        names = {name for value in returned for name in names_within(value)}
        return name in names

    def makers(self, site: Site, name: str) -> list[Site]:
        """The expressions that a name is bound to, seen from a site: in its function, or else in its file."""
        file = self.file(site.file)
        found = file.bindings.get(name, [])
        scope = file.function_at(site.line)
        if scope is not None and name.isidentifier():
            inside = [pair for pair in found if file.function_at(pair[1].lineno) is scope]
            found = inside or [pair for pair in found if file.function_at(pair[1].lineno) is None]
        return [self.site(site, value) for value, _ in found]

    def derives(self, outer: Site, inner: Site) -> bool:
        """Whether an expression reads what another one made, over names of the function that both are in."""
        return self.encloses(outer, inner) or any(
            maker != outer and self.encloses(maker, inner)
            for _, makers in self.reads(outer, BINDINGS)
            for maker in makers
        )

    def reads(
        self, outer: Site, depth: int, follow: Callable[[Site, Site], bool] = lambda _reader, _maker: True
    ) -> Iterator[tuple[Site, list[Site]]]:
        """What an expression reads, and what that reads in turn: a reader, and what a name in it is bound to.

        Each name is told of once. Only the makers are followed that `follow` says, given a reader and one.
        """
        pending, seen = [outer], set[str]()
        for _ in range(depth):
            readers, pending = pending, []
            for reader in readers:
                for name in set(self.names_in(reader)) - seen:
                    seen.add(name)
                    makers = self.makers(reader, name)
                    yield reader, makers
                    pending.extend(maker for maker in makers if follow(reader, maker))

    def flags(self, site: Site, names: Collection[str]) -> list[tuple[Site, bool]]:
        """Assignments of True or False to attributes of these names in the file of a site."""
        return [
            (self.site(site, statement), value.value)
            for target, value, statement in self.file(site.file).assignments
            if isinstance(target, ast.Attribute) and target.attr in names
            if isinstance(value, ast.Constant) and isinstance(value.value, bool)
        ]

    def idle_flags(self, site: Site) -> list[tuple[Site, bool]]:
        """Statements in the file of a site that look as if they set `requires_grad`, and to what:
        `p.requires_grad == False` compares, and `requires_grad_` needs to be called."""
        found = []
        file = self.file(site.file)
        for node in (*file.every(ast.Assign), *file.every(ast.Expr)):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                method, value = node.targets[0], node.value.value
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Attribute):
                method, value = node.value, True
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Compare):
                compared, other = node.value.left, node.value.comparators[0]
                flag = isinstance(compared, ast.Attribute) and compared.attr == "requires_grad"
                if flag and isinstance(other, ast.Constant) and isinstance(other.value, bool):
                    found.append((self.site(site, node), other.value))
                continue
            else:
                continue
            if (
                isinstance(method, ast.Attribute)
                and method.attr == "requires_grad_"
                and isinstance(value, bool)
            ):
                found.append((self.site(site, node), value))
        return sorted(found, key=lambda one: one[0].line)

    def assigned(self, site: Site) -> str:
        """What the statement of a site assigns; empty where it assigns nothing."""
        file = self.file(site.file)
        statement = file.statement(site)
        value = statement.value if isinstance(statement, (ast.Assign, ast.AnnAssign)) else None
        return file.source(value) if value is not None else ""

    def names_in(self, site: Site) -> list[str]:
        """Names and attributes that an expression reads, outermost parts only."""
        node = self.file(site.file).node(site)
        found: list[str] = []
        pending: list[ast.AST] = [node] if node is not None else []
        if isinstance(node, Compound):
            pending = [*header_of(node)]
        while pending:
            one = pending.pop(0)
            if isinstance(one, (ast.Name, ast.Attribute)):
                found.append(self.file(site.file).source(one))
                if isinstance(one, ast.Attribute):
                    pending.append(one.value)
            else:
                pending.extend(ast.iter_child_nodes(one))
        return list(dict.fromkeys(found))

    def operand(self, site: Site, number: int) -> str:
        """The text of one side of an operator's expression."""
        node = self._operand(site, number)
        return self.file(site.file).source(node) if node is not None else ""

    def operand_sites(self, site: Site, number: int) -> list[Site]:
        """Where one side of an expression stands, and what the names in it were bound to before."""
        node = self._operand(site, number)
        if node is None:
            return []
        names = names_within(node)
        makers = [maker for name in sorted(names) for maker in self.makers(site, name)]
        return [self.site(site, node), *(maker for maker in makers if maker.line < site.line)]

    def _operand(self, site: Site, number: int) -> ast.expr | None:
        node = self.file(site.file).node(site)
        if isinstance(node, ast.AugAssign):
            return node.value if number else node.target
        if not isinstance(node, ast.BinOp):
            return None
        return node.right if number else node.left

    def uncalled(self, site: Site, name: str) -> list[Site]:
        """Statements in the file of a site that only name a method, and don't call it: `optimizer.step`."""
        found = (one.value for one in self.file(site.file).every(ast.Expr))
        return [self.site(site, one) for one in found if isinstance(one, ast.Attribute) and one.attr == name]

    def calls(self, site: Site, name: str) -> list[Site]:
        """Every call of a function of this name in the file of a site."""
        calls = self.file(site.file).every(ast.Call)
        return [self.site(site, node) for node in calls if called_name(node) == name]

    def _around(self, site: Site) -> Iterator[ast.AST]:
        file = self.file(site.file)
        node = file.node(site) or file.statement(site)
        if node is not None:
            yield node
            yield from file.up(node)


def header_of(statement: Compound) -> list[ast.expr]:
    """What a compound statement computes itself: what it goes over, what it enters, its condition."""
    match statement:
        case ast.For() | ast.AsyncFor():
            return [statement.iter]
        case ast.With() | ast.AsyncWith():
            return [part for one in statement.items for part in (one.context_expr, one.optional_vars) if part]
        case _:
            return [statement.test]


def _span(node: ast.expr | ast.stmt) -> Span:
    """Where a node begins and ends: lines, and columns in UTF-8 bytes."""
    return node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0


def _characters(lines: list[str], line: int, column: int) -> int:
    """A column in characters, from one in UTF-8 bytes."""
    if not 0 < line <= len(lines) or lines[line - 1].isascii():
        return column
    return len(lines[line - 1].encode()[:column].decode(errors="ignore"))
