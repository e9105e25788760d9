"""Parameters that a function has frozen for a backward of its own, and never thaws: a saliency, a probe."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from gradtui.diagnosis.freezing import freezing, shown_in
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, first_after, last_before
from gradtui.model.columns import NONE
from gradtui.model.source import Site


def own_pass(run: Run, lost: Sequence[Lost]) -> Site | None:
    """The backward for which these were frozen, in a function that isn't running any more where the first
    step is made, and where the backward before it is begun: a trainer's own pass may freeze each time."""
    scene, call = freezing(run, [one.tensor for one in lost])
    shown = run.once(shown_in)[scene.trace.order[call]] if call != NONE else []
    return next((probe for place in shown if (probe := _probe(*place)) is not None), None)


def _probe(scene: Scene, call: int) -> Site | None:
    """The same of one scene, if it shows the step as well: one at whose backward the program was held is
    earlier than that, and a late one leaves out what was computed beside the call."""
    step = first_after(scene.steps, call)
    backwards = sorted([*scene.backwards, *scene.grads]) if step != NONE else []
    last = last_before(backwards, step)
    if last <= call:
        return None
    frozen, training = _frames(scene, call), {*_frames(scene, last), *_frames(scene, step)}
    probes = [one for one in backwards if call < one < last]
    around = ((one, _around(frozen, _frames(scene, one))) for one in probes)
    within = [one for one, function in around if function is not None and function not in training]
    return scene.user_site(within[-1]) if within else None


def _frames(scene: Scene, call: int) -> list[tuple[str, str]]:
    """The user's functions that were running at a call, outermost first, with their files."""
    return [(site.file, site.function) for site in reversed(scene.call(call).stack) if site.user]


def _around(frozen: Sequence[tuple[str, str]], other: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """The innermost function that may have run both times without an end."""
    pairs = takewhile(lambda pair: pair[0] == pair[1], zip(frozen, other, strict=False))
    both = [one for one, _ in pairs]
    return both[-1] if both else None
