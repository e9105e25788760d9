"""One module under two names: what is done to it under the one happens to the other as well."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from gradtui.diagnosis.following import COPY, FOLLOWING, MOST
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.source_text import File, SourceText, called_name
from gradtui.model.source import Site
from gradtui.model.torch_functions import ADDITIONS, SCALINGS
from gradtui.model.trace import Kind

LISTS = frozenset({"parameters", "named_parameters"})


@dataclass(frozen=True, slots=True)
class Alias:
    """A second name of a module that was meant to be a module of its own: both are called."""

    name: str
    first: str
    """The name that the module had before."""
    bound: Site
    """Where the second one is bound to it."""


def alias(words: SourceText, flag: Site) -> Alias | None:
    """The second name under which the parameters of a module are frozen at a place."""
    file = words.file(flag.file)
    name = frozen_name(words, flag)
    bound = words.makers(flag, name) if name else []
    first = words.expression(bound[0]) if len(bound) == 1 else ""
    if not first or not {name, first} <= _called(file):
        return None
    # An attribute that keeps what a function was given is the only lasting name of it.
    kind = ast.Name if name.isidentifier() else ast.Attribute
    alike = isinstance(file.node(bound[0]), kind) and len(words.makers(bound[0], first)) == 1
    return Alias(name, first, bound[0]) if alike else None


def follows_itself(run: Run, tensors: Collection[int]) -> tuple[Scene, int] | None:
    """A call by which one of these tensors follows itself, where all that is written at its place does:
    a copy may share a part with what it was made of."""
    apart: set[Site] = set()
    alone: dict[Site, tuple[Scene, int]] = {}
    for scene in run.scenes:
        for call, kind in enumerate(scene.kind):
            if kind != Kind.WRITE or scene.name(call) not in FOLLOWING or scene.grad_mode(call):
                continue
            written, taken = _storages(scene, call)
            if not taken:  # of a call that was long ago it isn't kept
                continue
            if written.isdisjoint(taken):
                apart.add(scene.site(call))
            elif any(scene.tensor[value] in tensors for value in scene.outputs[call]):
                alone[scene.site(call)] = scene, call
    return next((place for site, place in alone.items() if site not in apart), None)


def _storages(scene: Scene, call: int) -> tuple[set[int], set[int]]:
    """What memory a call writes to, and that of what it takes besides. Of a list that is written all but the
    first stand before its inputs once more."""
    first, inputs = 2 * len(scene.outputs[call]) - 1, scene.trace.inputs[call]
    taken: Sequence[int] = inputs[first:]
    if scene.name(call) == COPY and len(summed := _summed(scene, taken)) > 1:
        taken = summed
    storage = scene.trace.storage
    return {storage[value] for value in inputs[:first]}, {storage[value] for value in taken}


def _summed(scene: Scene, values: Iterable[int]) -> list[int]:
    """What a weighted sum is of, as an average is that is copied into its place."""
    found, pending = list[int](), list(values)
    for _ in range(MOST):
        if not pending:
            return found
        value = pending.pop()
        call = scene.producer[value]
        if scene.name(call) in SCALINGS | ADDITIONS and not scene.grad_mode(call):
            pending += scene.trace.inputs[call]
        else:
            found.append(value)
    return found


def frozen_name(words: SourceText, flag: Site) -> str:
    """The name of the module whose parameters are frozen: `k` of `for p in k.parameters()`, or of
    `k.requires_grad_(False)`; "" where the text doesn't tell."""
    file = words.file(flag.file)
    node = file.node(flag) or file.statement(flag)
    held = _flagged(node)
    if node is None or held is None:
        return ""
    for around in file.up(node) if isinstance(held, ast.Name) else ():
        if isinstance(around, ast.For):
            listed = _gone_through(around.target, around.iter, file.source(held))
            if listed is not None:
                return file.source(listed)
    return file.source(held)


def _flagged(node: ast.AST | None) -> ast.expr | None:
    """What a text sets the flag of: `p` of `p.requires_grad = False` and of `p.requires_grad_(False)`."""
    if isinstance(node, ast.Assign):
        node = node.targets[0]
    elif isinstance(node, ast.Call):
        node = node.func
    return node.value if isinstance(node, ast.Attribute) else None


def _gone_through(target: ast.expr, through: ast.expr, name: str) -> ast.expr | None:
    """The module through whose parameters a loop goes with a variable, also beside those of another one."""
    if not isinstance(through, ast.Call):
        return None
    if called_name(through) == "zip" and isinstance(target, ast.Tuple):
        found = (_gone_through(*pair, name) for pair in zip(target.elts, through.args, strict=False))
        return next((one for one in found if one is not None), None)
    names = [one.id for one in ast.walk(target) if isinstance(one, ast.Name)]
    if called_name(through) not in LISTS or name not in names[-1:]:
        return None
    return through.func.value if isinstance(through.func, ast.Attribute) else None


def _called(file: File) -> set[str]:
    return {file.source(node.func) for node in file.every(ast.Call)}
