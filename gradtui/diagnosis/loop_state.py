"""State that is handed on from one turn of a loop to the next, as the text shows it: `h = cell(x, h)`."""

from __future__ import annotations

import ast

from gradtui.diagnosis.source_text import LOOPS, Assignment, File, SourceText
from gradtui.model.source import Site


def carriers(words: SourceText, site: Site) -> list[Site]:
    """Expressions in the function of a site whose value gets the name of one of their own arguments.

    First those by which it is still bound at the site's next turn: what is bound anew in every turn, or once
    before them, is handed on to none.
    """
    file = words.file(site.file)
    scope = file.function_at(site.line)
    found = [
        pair for pair in file.assignments if file.function_at(pair[2].lineno) is scope and _own(file, pair)
    ]
    found.sort(key=lambda pair: not _lasts(file, pair, site.line))
    return [words.site(site, value) for _, value, _ in found]


def _own(file: File, assignment: Assignment) -> bool:
    """Whether a call's result is bound to what it was given."""
    target, value, _ = assignment
    if not isinstance(value, ast.Call):
        return False
    arguments = [*value.args, *(keyword.value for keyword in value.keywords)]
    return file.source(target) in map(file.source, arguments)


def _lasts(file: File, assignment: Assignment, line: int) -> bool:
    """Whether what is bound is next read at another turn of the loop that is around a line as well."""
    target, _, statement = assignment
    around = (node for node in file.up(statement) if isinstance(node, LOOPS))
    loop = next((node for node in around if node.lineno <= line <= (node.end_lineno or line)), None)
    if loop is None:
        return False
    name = file.source(target)
    turning = [] if isinstance(loop, ast.While) else [*map(file.source, ast.walk(loop.target))]
    others = [
        one for bound, _, one in file.assignments if one is not statement and file.source(bound) == name
    ]
    return name not in turning and not any(_at_every_turn(file, one, loop) for one in others)


def _at_every_turn(file: File, statement: ast.stmt, loop: ast.AST) -> bool:
    """Whether a statement of a loop is in no branch, as a state is begun anew in one."""
    around = [*file.up(statement)]
    if loop not in around:
        return False
    return not any(isinstance(node, ast.If) for node in around[: around.index(loop)])
