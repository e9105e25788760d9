"""What a name stood for when it was given to something else, before anything read it: in a loop that computes
it anew each time it goes round, or right in the next lines."""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Iterator
from itertools import compress, takewhile

from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.source_text import LOOPS, File
from gradtui.diagnosis.unused import Unused, unused
from gradtui.model.findings import Finding, Rule
from gradtui.model.trace import Kind


def overwritten(run: Run) -> Iterator[Finding]:
    """Parameters that no loss was computed from, as the variable that what was made of them was put into got
    another value before it was read: a sum that each round of a loop begins afresh, a term that the next one
    takes the place of."""
    found = run.once(unused)
    left = {one.tensor for one in found.parameters}
    for scene, window in reversed(run.history.windows):
        if not left or not window.backwards:
            continue
        flow = run.flow(scene, run.roots(scene, window.backwards))
        for ends in _ends(scene, left).values():
            cause = _bound_anew(scene, flow, ends) or _bound_next(scene, flow, ends)
            within = Flow(scene, ends).within if cause is not None else ()
            tensors = sorted(left.intersection(compress(scene.tensor, within)))
            if cause is not None and tensors:
                left.difference_update(tensors)
                yield _finding(run, scene, ends[-1], cause, tensors, found)


def _ends(scene: Scene, tensors: set[int]) -> dict[int, list[int]]:
    """By place, the values with a graph that were made of these and that no other such was made of."""
    below = scene.descendants([v for v in scene.values_of(tensors) if scene.leaf[v]], attached=True)
    read = {
        value
        for came, made in zip(scene.inputs, scene.outputs, strict=True)
        if any(below[one] for one in made)
        for value in came
    }
    found: dict[int, list[int]] = {}
    for value, inside in enumerate(below):
        if inside and not scene.leaf[value] and value not in read:
            found.setdefault(scene.trace.site[scene.producer[value]], []).append(value)
    return found


def _bound_anew(scene: Scene, flow: Flow, ends: list[int]) -> Cause | None:
    """Where the loop around these begins their variable afresh, if what it made there last enters a loss."""
    call = scene.producer[ends[-1]]
    site = scene.site(call)
    name, file = scene.words.target(site), scene.words.file(site.file)
    statement = file.statement(site)
    if not name.isidentifier() or statement is None:
        return None
    loop = next((one for one in file.up(statement) if isinstance(one, LOOPS)), None)
    if loop is None or file.function_at(loop.lineno) is not file.function_at(site.line):
        return None
    rounds = range(loop.lineno, (loop.end_lineno or loop.lineno) + 1)
    if not _last_alone(scene, flow, call, rounds):
        return None
    # Bindings come in the order of the text.
    first = next((pair for pair in file.bindings.get(name, ()) if pair[1].lineno in rounds), None)
    if first is None or isinstance(first[1], ast.AugAssign):
        return None
    value = first[0]
    if any(_is_name(node, name) for node in ast.walk(value)):
        return None
    what = f"Each round of the loop begins `{name}` afresh here, so that only the last one enters the loss"
    fix = f"Let `{name}` grow with each round, from a value that it has before the loop, or keep them all."
    return Cause(Rule.OTHER, scene.words.site(site, value), what, fix)


def _last_alone(scene: Scene, flow: Flow, call: int, rounds: range) -> bool:
    """Whether of what later rounds of a loop made, at the place of a call, the loss uses the last alone."""
    place, site, alive = scene.trace.site[call], scene.site(call), []
    for later in range(call + 1, len(scene.kind)):
        here = scene.site(later)
        if scene.kind[later] in (Kind.BACKWARD, Kind.GRAD, Kind.STEP):
            break
        if scene.trace.site[later] == place:
            alive.append(any(flow.alive[value] for value in scene.outputs[later]))
        elif (here.file, here.function) == (site.file, site.function) and here.line not in rounds:
            break
    return sum(alive) == 1 and alive[-1]


def _bound_next(scene: Scene, flow: Flow, ends: list[int]) -> Cause | None:
    """The next statement of the same block that has anything to do with the variable of these, if it gives
    it another value, which enters a loss."""
    call = scene.producer[ends[-1]]
    site = scene.site(call)
    name, file = scene.words.target(site), scene.words.file(site.file)
    statement = file.statement(site)
    if not name.isidentifier() or not isinstance(statement, ast.Assign):
        return None
    again = _next_use(file, statement, name)
    if not isinstance(again, ast.Assign) or file.blocks[again] != file.blocks[statement]:
        return None
    if _reads(again, name) or not _enters(scene, flow, call, again):
        return None
    what = f"`{name}` is given another value here before anything uses what it was"
    fix = f"Let it keep both, `{name} = {name} + ...`, or give this one another name."
    if file.source(again).partition("=")[2].startswith("+"):
        fix = f"Write `{name} += ...`: `=+` gives it a new value."
    return Cause(Rule.OTHER, scene.words.site(site, again), what, fix)


def _is_name(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _next_use(file: File, statement: ast.stmt, name: str) -> ast.AST | None:
    """The next statement in the text that has anything to do with a name."""
    uses, end = file.names[name], statement.end_lineno or statement.lineno
    place = bisect_right(uses, end, key=lambda node: node.lineno)
    around = file.up(uses[place]) if place < len(uses) else iter(())
    return next((one for one in around if isinstance(one, ast.stmt)), None)


def _reads(statement: ast.stmt, name: str) -> bool:
    names = (node for node in ast.walk(statement) if isinstance(node, ast.Name) and node.id == name)
    return any(isinstance(node.ctx, ast.Load) for node in names)


def _enters(scene: Scene, flow: Flow, call: int, statement: ast.stmt) -> bool:
    """Whether the loss uses something of what a statement computes the next time that it runs."""
    file, lines = scene.site(call).file, range(statement.lineno, (statement.end_lineno or 0) + 1)
    within: dict[tuple[int, int], bool] = {}
    """By place and stack, whether the statement is in it."""
    here = False
    ends = (Kind.BACKWARD, Kind.GRAD, Kind.STEP)
    for later in takewhile(lambda one: scene.kind[one] not in ends, range(call + 1, len(scene.kind))):
        key = scene.trace.site[later], scene.trace.stack[later]
        if key not in within:
            within[key] = any(site.file == file and site.line in lines for site in scene.call(later).stack)
        if within[key] and any(flow.alive[value] for value in scene.outputs[later]):
            return True
        if here and not within[key]:
            break  # it has run
        here = within[key]
    return False


def _finding(run: Run, scene: Scene, end: int, cause: Cause, tensors: list[int], found: Unused) -> Finding:
    names = [scene.owners.called(tensor) for tensor in tensors]
    call = scene.producer[end]
    name = scene.words.target(scene.site(call))
    message = f"{cause.what}, and {listed(names)} {get(names)} no gradient."
    last = scene.user_site(call)
    told = [scene.evidence(call, f"what `{name}` is here is lost")]
    evidence = told if (last.file, last.line) != (cause.site.file, cause.site.line) else ()
    lost = [found.lost[tensor] for tensor in tensors]
    return run.finding_of(lost, cause, message, names, evidence=evidence)
