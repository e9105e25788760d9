"""Exceptions of `torch.utils.checkpoint`, whose blocks run once more in backward: which call is meant."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.quoting import short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.stops import Raised
from gradtui.model.torch_functions import is_checkpoint
from gradtui.model.trace import Kind

CHECKPOINTS = ("checkpoint", "checkpoint_sequential")


def _finding(run: Run, scene: Scene, raised: Raised, *, does: str, fix: str) -> Iterator[Finding]:
    call = _last(scene)
    site = scene.user_site(call) if call != NONE else _only_one(run)
    if site is None:
        return
    text = short(run.words.expression(site))
    backward = scene.raised_site(raised)
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


def _only_one(run: Run) -> Site | None:
    """The call of `checkpoint` in the program's text, where there is one alone."""
    calls = run.calls_of(*CHECKPOINTS)
    found = [
        site for site in calls if not run.words.expression(site).startswith("self.")
    ]  # which may save one
    return found[0] if len(found) == 1 else None


PATTERNS = (
    (
        r"checkpoint is incompatible with \.grad\(\)",
        partial(
            _finding,
            does="refuses `autograd.grad` and a backward with `inputs`: reentrant, it runs its block, and a "
            "backward of its own, inside of backward, and can't tell whose gradients are asked for",
            fix="Call `checkpoint(..., use_reentrant=False)`.",
        ),
    ),
    (
        r"this checkpoint\(\) is not necessary",
        partial(
            _finding,
            does="runs a block again in backward of which no output requires grad",
            fix="Take the checkpoint away there, or see where in its block tracking stops.",
        ),
    ),
    (
        r"different number of tensors was saved|Recomputed values for the following|save more tensors during",
        partial(
            _finding,
            does="runs its block again in backward, and that saved other tensors than in forward: something "
            "that the block reads has changed in between",
            fix="Let both runs of the block see the same: its inputs as they were, no counter or cache of "
            "its own, the same train and autocast mode, and no random choice but torch's.",
        ),
    ),
)
"""What torch says, and what explains it."""
