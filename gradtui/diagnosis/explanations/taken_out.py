"""Tensors whose values leave torch as numbers that are computed with, and where."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import replace

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.source_text import GATHERING, SourceText, called_name
from gradtui.model.columns import NONE
from gradtui.model.source import Site
from gradtui.model.torch_functions import ASKING, CARRYING, CHOOSING
from gradtui.model.trace import Kind

SAYING = frozenset(["print", "warn", "warning", "info", "debug", "error", "exception", "log", "write"])
"""Functions that are called to say something."""

SAMPLE = 8
"""Calls of one place that are looked at: in a loop each does the same."""


def taken_out(run: Run, tensors: set[int]) -> dict[int, Cause]:
    """By tensor where its value leaves torch for what is computed with it, or is cut off before it does.

    Asked from the numbers backwards, once for all tensors: there may be thousands of those.
    """
    found: dict[int, Cause] = {}
    for scene in reversed(run.scenes) if tensors else ():
        depends = scene.descendants(scene.values_of(tensors), attached=False)
        for call in _numbers(scene, depends):
            for value in scene.trace.inputs[call]:
                flow = Flow(scene, [value])
                fresh = (flow.reached & tensors).difference(found)
                if fresh:
                    cause = causes.of_cut(scene, flow, Cut(call, value, value, call, likely=True))
                    found.update(dict.fromkeys(fresh, cause))
                for tensor in (flow.masks.keys() & tensors).difference(found):
                    cut = flow.chosen(flow.masks[tensor], tensor)[0]
                    found[tensor] = causes.of_cut(scene, flow, replace(cut, likely=True))
    return found


def _numbers(scene: Scene, depends: bytearray) -> Iterator[int]:
    """Calls by which numbers leave torch for what is computed with them, of each place a few.

    Only of values that `depends` marks: to go back from each of any others would take long for nothing.
    """
    places: dict[int, int] = {}
    for call, kind in enumerate(scene.kind):
        if kind != Kind.ESCAPE or not scene.grad_mode(call):
            continue
        if not any(depends[value] for value in scene.trace.inputs[call]):
            continue
        place = scene.trace.site[call]
        places[place] = places.get(place, 0) + 1
        if places[place] <= SAMPLE and _is_computed_with(scene, call):
            yield call


def _is_computed_with(scene: Scene, call: int) -> bool:
    """Whether a number leaves torch for what a module, or a function of `math`, computes, or to say which
    items of something are taken; not where it is only printed, or asked whether all is well."""
    if scene.name(call) not in CARRYING | ASKING:
        return False
    site, words = scene.user_site(call), scene.words
    statement = words.file(site.file).statement(site)
    said = isinstance(statement, ast.Expr) or _guards(
        statement
    )  # as in `print(...)`, whose result nobody takes
    if not said and (scene.trace.module[call] != NONE or words.receiver(site) == "math"):
        return True
    gathered = _does_nothing_but_call(statement, GATHERING)
    return (not said or gathered) and _picks(words, site)


def _guards(statement: ast.stmt | None) -> bool:
    """Whether a statement is a condition by which nothing is computed, but raised or said."""
    if isinstance(statement, ast.If):
        branches = [*statement.body, *statement.orelse]
        return all(isinstance(one, ast.Raise) or _does_nothing_but_call(one, SAYING) for one in branches)
    return isinstance(statement, ast.Assert)


def _picks(words: SourceText, site: Site) -> bool:
    """Whether what stands at a place says which items of something are taken, also by a name in between."""
    file = words.file(site.file)
    around: ast.AST = file.function_at(site.line) or file.tree
    return any(words.derives(words.site(site, one), site) for one in _choices(around))


def _does_nothing_but_call(statement: ast.stmt | None, names: Collection[str]) -> bool:
    """Whether a statement is a call of a function of one of these names, whose result nobody takes."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and called_name(call) in names


def _choices(around: ast.AST) -> Iterator[ast.expr]:
    """What says which items of something are taken: indices, and arguments that do the same."""
    for node in ast.walk(around):
        if isinstance(node, ast.Subscript):
            yield node.slice
        elif isinstance(node, ast.Call) and called_name(node) in CHOOSING:
            yield from node.args
            yield from (keyword.value for keyword in node.keywords)
