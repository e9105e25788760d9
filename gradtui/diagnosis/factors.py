"""Plain leaves by which the program scales what is learnt: a temperature, the weights of a loss, a mixture.

What a model is given, and what it is compared with, may require grad by habit, and means nothing by it.
"""

from __future__ import annotations

import ast
from math import prod

from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.plain_tensors import starts
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.source_text import GATHERING, called_name
from gradtui.diagnosis.unoptimized import bare, lasting
from gradtui.model.owners import Parameter, Role
from gradtui.model.torch_functions import ADDITIONS, QUOTIENTS, REVERSED, SCALINGS, STACKS, last_part

HANDLING = (ast.Attribute, ast.List, ast.Set, ast.Dict, ast.Call)
"""What can take a tensor's gradient or bare values, or put it into something."""
MADE = frozenset(
    ["zeros", "ones", "full", "tensor", "as_tensor", "rand", "randn", "normal", "Tensor", "FloatTensor"]
)
"""What makes leaves that are to be learnt; what is computed of data, such as its spread, stays what it is."""
BESIDES = ADDITIONS | REVERSED | STACKS
"""In what else such a leaf may take part: what keeps a weight from falling to zero is added to the loss."""
NEAR = 8
"""Calls over which a single number is followed to what it is a sum or a mean of."""


def factors(run: Run) -> frozenset[int]:
    """Leaves that get a gradient at each step, that belong to nothing, and that do nothing but scale."""
    plain = {one.tensor: one for one in run.once(lasting) if _stands_alone(run, one)}
    found: dict[int, bool] = {}
    for scene, window in run.history.windows:
        wanted = plain.keys() - found.keys()
        if not wanted:
            break
        flow = run.flow(scene, run.roots(scene, window.backwards))
        for tensor, values in starts(flow, wanted).items():
            found[tensor] = _only_scales(run, flow, values)
    return frozenset(tensor for tensor, scales in found.items() if scales and _left_alone(run, plain[tensor]))


def _stands_alone(run: Run, parameter: Parameter) -> bool:
    """Whether it is a plain leaf that a variable holds."""
    plain = parameter.role is Role.LEAF and not bare(parameter) and not parameter.hooks
    written = last_part(parameter.made_by) in MADE and bool(parameter.names)
    return plain and written and not run.made_in_forward(parameter.tensor)


def _only_scales(run: Run, flow: Flow, values: list[int]) -> bool:
    """Whether what is computed of a leaf alone multiplies what is learnt, and takes part in nothing else."""
    scene, scales = flow.scene, False
    seen, pending = set(values), list(values)
    while pending:
        value = pending.pop()
        for call in dict.fromkeys(flow.consumers.of(value)):
            others = [one for one in scene.inputs[call] if one not in seen and scene.floating[one]]
            if not others:
                fresh = [made for made in flow.made_by(call) if made not in seen]
                seen.update(fresh)
                pending += fresh
            elif scene.name(call) in SCALINGS | QUOTIENTS:
                if not all(_is_larger(run, scene, other, value) for other in others):
                    return False
                scales = True
            elif scene.name(call) not in BESIDES:
                return False
    return scales


def _is_larger(run: Run, scene: Scene, other: int, value: int) -> bool:
    """Whether something learns by what is multiplied, and that is more than there are factors, or what is
    left of more: a target has a number for each of the model's."""
    _, learnt = run.learning_from(scene, run.owners.held)
    more = prod(scene.shape(other)) > prod(scene.shape(value))
    return bool(learnt[other]) and (more or _is_reduced(scene, other))


def _is_reduced(scene: Scene, value: int) -> bool:
    """Whether it is a single number that was computed from many, or several such."""
    if scene.name(scene.producer[value]) in STACKS:
        return all(_is_reduced(scene, one) for one in scene.inputs[scene.producer[value]])
    pending = [value]
    for _ in range(NEAR):
        if any(scene.shape(one) for one in pending):
            return value not in pending
        before = (one for each in pending for one in scene.live_before(each))
        pending = [*dict.fromkeys(before)]
    return False


def _left_alone(run: Run, parameter: Parameter) -> bool:
    """Whether the program's text binds it once, asks nowhere for its gradient and gathers it into nothing
    that an optimizer may be given, also later than it was seen to run."""
    site = run.owners.made(parameter.tensor)
    name = run.words.target(site) if site is not None else ""
    if site is None or len(run.words.makers(site, name)) != 1:
        return False
    return run.once(_handled).isdisjoint({name.rpartition(".")[2], parameter.name.rpartition(".")[2]})


def _handled(run: Run) -> frozenset[str]:
    """Names, and those of attributes, of which the text wants the gradient or the bare values, or that it
    puts into something with others."""
    found: set[str] = set()
    for path in run.words.paths:
        file = run.words.file(path)
        for node in (one for kind in HANDLING for one in file.every(kind)):
            handled: list[ast.expr | None] = []
            if isinstance(node, ast.Attribute) and node.attr in ("grad", "data"):
                handled = [node.value]
            elif isinstance(node, (ast.List, ast.Set)):
                handled = [*node.elts]
            elif isinstance(node, ast.Dict):
                handled = [*node.values]
            elif isinstance(node, ast.Call) and called_name(node) in GATHERING:
                handled = [*node.args]
            found.update(called_name(one) for one in handled if isinstance(one, (ast.Name, ast.Attribute)))
    return frozenset(found)
