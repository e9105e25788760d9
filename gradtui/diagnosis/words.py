"""The user's own words for a place in the source: the variable it is assigned to, the expression itself.

Works on the text that the debuggee sent along; reads no file. Every answer is empty where the text doesn't tell.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cached_property

from gradtui.model.source import Site

Span = tuple[int, int, int, int]
"""Line, column, end line, end column; columns in UTF-8 bytes as `ast` counts them."""


class File:
    """One parsed source file, searchable by place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.splitlines()

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.text)
        except (SyntaxError, ValueError, RecursionError):
            return ast.Module(body=[], type_ignores=[])

    @cached_property
    def parents(self) -> dict[ast.AST, ast.AST]:
        parents: dict[ast.AST, ast.AST] = {}
        pending: list[ast.AST] = [self.tree]
        while pending:
            node = pending.pop()
            for child in ast.iter_child_nodes(node):
                parents[child] = node
                pending.append(child)
        return parents

    @cached_property
    def spans(self) -> dict[Span, ast.AST]:
        """Nodes by their exact span; where several share one, the outermost that is an expression."""
        spans: dict[Span, ast.AST] = {}
        for node in self.parents:
            if isinstance(node, (ast.expr, ast.stmt)):
                key = (node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
                if not (isinstance(node, ast.stmt) and key in spans):
                    spans.setdefault(key, node)
        return spans

    @cached_property
    def statements(self) -> dict[int, list[ast.stmt]]:
        """Statements by the lines they stand on, outer ones first."""
        found: dict[int, list[ast.stmt]] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.stmt):
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
        return self.spans.get(self.span(site))

    def statement(self, site: Site) -> ast.stmt | None:
        """The innermost simple statement that the site is part of."""
        found = self.statements.get(site.line, [])
        simple = [node for node in found if not hasattr(node, "body")]
        return (simple or found or [None])[-1]

    def source(self, node: ast.AST) -> str:
        return ast.get_source_segment(self.text, node) or ""

    def up(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around this one, inside out."""
        while (parent := self.parents.get(node)) is not None:
            yield parent
            node = parent

    def _bytes(self, line: int, column: int) -> int:
        if not 0 < line <= len(self.lines):
            return column
        text = self.lines[line - 1]
        return column if text.isascii() else len(text[:column].encode())


class Words:
    """Answers questions about sites of any of the files it was given."""

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = sources
        self._files: dict[str, File] = {}

    def file(self, path: str) -> File:
        if path not in self._files:
            self._files[path] = File(self._sources.get(path, ""))
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
        return "\n".join([lines[site.line - 1][site.column :], *inner, lines[site.end_line - 1][: site.end_column]])

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
        whole = (value.lineno, value.col_offset, value.end_lineno or 0, value.end_col_offset or 0)
        augmented = isinstance(statement, ast.AugAssign) and span[:2] == (statement.lineno, statement.col_offset)
        if span != whole and not augmented:
            return ""
        return file.source(targets[0]).strip("()")

    def receiver(self, site: Site) -> str:
        """What stands before the last dot: `loss` of `loss.backward()`."""
        node = self.file(site.file).node(site)
        if isinstance(node, ast.Call):
            node = node.func
        return self.file(site.file).source(node.value) if isinstance(node, ast.Attribute) else ""
