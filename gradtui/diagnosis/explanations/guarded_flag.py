"""A line that sets `requires_grad` only where it is set already: it can freeze, and can't thaw again."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from gradtui.diagnosis.run import Run
from gradtui.diagnosis.schedules import given_for
from gradtui.diagnosis.source_text import called_name
from gradtui.model.source import Site

FLAG = "requires_grad"


def in_vain(run: Run, site: Site) -> list[Site]:
    """Calls that were to thaw what this line has frozen, and which it can't: `if p.requires_grad:
    p.requires_grad = value` leaves alone what doesn't require grad."""
    file = run.words.file(site.file)
    statement, function = file.statement(site), file.function_at(site.line)
    value = statement.value if isinstance(statement, ast.Assign) else None
    if function is None or statement is None or not isinstance(value, ast.Name):
        return []
    names = [one.arg for one in (*function.args.args, *function.args.kwonlyargs)]
    guards = (
        one.test for one in file.up(statement) if isinstance(one, ast.If) and statement not in one.orelse
    )
    if value.id not in names or not any(
        isinstance(one, ast.Attribute) and one.attr == FLAG for one in guards
    ):
        return []
    calls = [
        (run.words.site(replace(site, file=path), node), node)
        for path in run.words.paths
        for node in run.words.file(path).every(ast.Call)
        if called_name(node) == function.name
    ]
    frozen = {_of(node) for _, node in calls if _gives(node, names, value.id, False)}
    return [at for at, node in calls if _gives(node, names, value.id, True) and _of(node) in frozen]


def _gives(call: ast.Call, names: Sequence[str], name: str, value: bool) -> bool:
    """Whether a call gives a constant for one of its function's arguments."""
    return any(isinstance(one, ast.Constant) and one.value is value for one in given_for(call, names, name))


def _of(call: ast.Call) -> str:
    """What a call is for: its method's object, and what isn't a constant of what it is given."""
    given = [*call.args, *(one.value for one in call.keywords)]
    return ast.unparse(ast.Tuple([call.func, *(one for one in given if not isinstance(one, ast.Constant))]))
