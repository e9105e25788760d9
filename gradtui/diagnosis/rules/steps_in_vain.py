"""Steps that are made, with gradients, and change nothing: what they write is rounded away, or they write it
nowhere."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import prod

from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.definitions import methods
from gradtui.diagnosis.quoting import short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import listed
from gradtui.diagnosis.source_text import names_within
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.owners import Optimizer
from gradtui.model.source import Site
from gradtui.model.torch_functions import DATA_SET, TWINNED, last_part

DIGITS = {"bfloat16": 8, "float16": 11}
"""Types of few digits, with how many bits these have."""
ALL_BUT = 10
"""Of the elements that an optimizer holds all but one in so many have to stay for its steps to be in vain:
some of a type of few digits always move, as those of a bias that begins at zero."""


def steps_in_vain(run: Run) -> Iterator[Finding]:
    moved = {tensor for optimizer in run.owners.optimizers for tensor in optimizer.moved}
    for number, optimizer in enumerate(run.owners.optimizers):
        still = {*optimizer.unmoved, *optimizer.hardly_moved} - moved
        stay, move = (sum(_elements(run, one) for one in some) for some in (still, optimizer.moved))
        mostly = stay * ALL_BUT >= (stay + move) * (ALL_BUT - 1)
        told = still if mostly else still.difference(optimizer.hardly_moved)
        tensors = sorted(run.history.learning & told)
        built = run.owners.optimizer_made(number)
        scheduled = optimizer.schedule != NONE and run.history.goes_on  # a rate may rise yet
        if not tensors or built is None or (scheduled and not mostly):
            continue
        cause = _own_step(run, optimizer, built) or _rounded(run, optimizer, tensors, built, mostly=mostly)
        if cause is None:
            continue
        names = [run.owners.called(tensor) for tensor in tensors]
        few = "" if set(optimizer.hardly_moved).isdisjoint(tensors) else ", but for a few elements"
        yield run.finding(
            cause,
            Severity.ERROR if cause.rule is Rule.REBUILT_LEAF else Severity.WARNING,
            f"{optimizer.steps_made} steps of `{optimizer.name}` leave {listed(names)} as "
            f"{'it is' if len(names) == 1 else 'they are'}{few}, in spite of gradients: {cause.what}.",
            affected=names,
            tensors=tensors,
        )


def _elements(run: Run, tensor: int) -> int:
    parameter = run.owners.parameters.get(tensor)
    return 0 if parameter is None else prod(parameter.shape)


def _own_step(run: Run, optimizer: Optimizer, built: Site) -> Cause | None:
    """A `step` of the program's own that has changed nothing at all."""
    defined = methods(run.words, optimizer.kind, "step")
    if len(defined) != 1 or optimizer.moved:
        return None
    path, function = defined[0]
    like = replace(built, file=path, function=f"{optimizer.kind}.step")
    lost = _lost(function)
    what = "its `step` writes nothing of them back"
    if lost is not None:
        what = f"`{short(run.words.file(path).source(lost))}` makes a new tensor, which nobody takes"
    return Cause(
        Rule.OTHER if lost is None else Rule.REBUILT_LEAF,
        run.words.site(like, lost or function),
        what,
        "Write into the parameter itself, by `sub_`, `-=` or `copy_` under `torch.no_grad()`.",
    )


def _lost(function: ast.AST) -> ast.expr | None:
    """An expression in a loop over parameters whose value takes the loop's own name, or is dropped."""
    for loop in ast.walk(function):
        names = names_within(loop.target) if isinstance(loop, ast.For) else set()
        for node in ast.walk(loop) if names else ():
            match node:
                case ast.Assign([ast.Name(name)], ast.BinOp() | ast.Call() as value):
                    if name in names and name in names_within(value):
                        return value
                case ast.Expr(ast.Call(ast.Attribute(ast.Name(name), method)) as value):
                    if name in names and method in TWINNED:
                        return value
    return None


def _rounded(
    run: Run, optimizer: Optimizer, tensors: Sequence[int], built: Site, *, mostly: bool
) -> Cause | None:
    """Updates that are smaller than what the type of a tensor can tell from its old value, where nobody keeps
    a finer copy of it."""
    if not optimizer.torchs:
        return None
    kinds = {run.owners.parameters[one].dtype for one in tensors if one in run.owners.parameters}
    rates = sorted({rate for group in optimizer.groups if (rate := dict(group.options).get("lr"))})
    at_rate = f" at a learning rate of {rates[0]}" if len(rates) == 1 else ""
    if len(kinds) == 1 and (kind := kinds.pop()) in DIGITS:
        return Cause(
            Rule.OTHER,
            _cast(run, tensors) or run.owners.made(tensors[0]) or built,
            f"{kind} has {DIGITS[kind]} bits for the digits of a number, and rounds off what is less than a "
            f"{2 ** DIGITS[kind]}th of it, as updates are{at_rate}",
            f"Keep the weights in float32, and compute in {kind} by `torch.autocast`.",
        )
    if not mostly:
        return None
    return Cause(
        Rule.OTHER,
        built,
        f"its updates{at_rate} are less than what can be told from the old values",
        "Give it a larger learning rate, or see what scales the gradients down.",
    )


def _cast(run: Run, tensors: Sequence[int]) -> Site | None:
    """Where the model was given its type, `model.to(torch.bfloat16)`."""
    wanted = set(tensors)
    for scene in run.scenes:
        for call in scene.of_functions({last_part(DATA_SET)}):
            made, came = scene.outputs[call], scene.trace.inputs[call]
            types = {scene.trace.dtype[value] for value in came}
            if len(types) > 1 and any(scene.tensor[value] in wanted for value in made):
                return scene.user_site(call)
    return None
