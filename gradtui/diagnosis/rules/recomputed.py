"""Exceptions of `torch.utils.checkpoint`, whose blocks run once more in backward: which call is meant."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from gradtui.diagnosis import causes
from gradtui.diagnosis.run import Run, at
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.words import called_name
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.stops import Raised
from gradtui.model.torch_functions import is_checkpoint
from gradtui.model.trace import Kind

CHECKPOINTS = ("checkpoint", "checkpoint_sequential")


def not_by_grad(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """A reentrant checkpoint under `autograd.grad`, or a backward that is given `inputs`."""
    why = "it runs its block, and a backward of its own, inside of backward, and can't tell whose gradients"
    yield from _finding(
        run,
        scene,
        raised,
        f"refuses `autograd.grad` and a backward with `inputs`: reentrant, {why} are asked for",
        "Call `checkpoint(..., use_reentrant=False)`.",
    )


def without_gradient(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    yield from _finding(
        run,
        scene,
        raised,
        "runs a block again in backward of which no output requires grad",
        "Take the checkpoint away there, or see where in its block tracking stops.",
    )


def differently(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """The second run of a block saved other tensors than the first."""
    yield from _finding(
        run,
        scene,
        raised,
        "runs its block again in backward, and that saved other tensors than in forward: something that the "
        "block reads has changed in between",
        "Let both runs of the block see the same: its inputs as they were, no counter or cache of its own, "
        "the same train and autocast mode, and no random choice but torch's.",
    )


def _finding(run: Run, scene: Scene, raised: Raised, does: str, fix: str) -> Iterator[Finding]:
    call = _last(scene)
    site = causes.user_site(scene, call) if call != NONE else _only_one(run, scene)
    if site is None:
        return
    text = causes.short(run.words.expression(site))
    backward = causes.raised_site(scene, raised)
    evidence = []
    if backward is not None and backward != site:
        evidence.append(Evidence(backward.file, backward.line, "this backward comes to it"))
    cause = at(Rule.CHECKPOINT, site, fix, call=call)
    yield run.finding(cause, Severity.ERROR, f"`{text}` {does}, and torch raises.", evidence=evidence)


def _last(scene: Scene) -> int:
    """The last reentrant checkpoint, which backward comes to first; others leave no record."""
    for call in range(len(scene.kind) - 1, -1, -1):
        if scene.kind[call] == Kind.FUNCTION and is_checkpoint(scene.call(call).function):
            return call
    return NONE


def _only_one(run: Run, scene: Scene) -> Site | None:
    """The call of `checkpoint` in the program's text, where there is one alone."""
    found = [
        (path, node)
        for path in run.words.paths
        for node in ast.walk(run.words.file(path).tree)
        if isinstance(node, ast.Call) and called_name(node) in CHECKPOINTS
        if not run.words.file(path).source(node.func).startswith("self.")  # which may save a checkpoint
    ]
    if len(found) != 1:
        return None
    path, node = found[0]
    return run.words.site(replace(scene.trace.sites[0], file=path, user=True), node)
