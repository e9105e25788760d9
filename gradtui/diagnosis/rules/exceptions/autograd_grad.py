"""What `autograd.grad` was to derive by, and couldn't: its result has no way back to it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.quoting import THE_VALUE, quoted, spoken
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule, Severity
from gradtui.model.stops import Raised
from gradtui.model.trace import Kind


def asked(scene: Scene) -> tuple[int, Sequence[int]]:
    """The last call of `autograd.grad`, unless a backward came after it, and the values to derive by."""
    kinds = scene.kind
    call = next((i for i in range(len(kinds) - 1, -1, -1) if kinds[i] in (Kind.BACKWARD, Kind.GRAD)), NONE)
    if call == NONE or kinds[call] != Kind.GRAD or scene.outputs[call]:
        return NONE, ()
    looked = range(call + 1, len(kinds))
    wanted = next((i for i in looked if kinds[i] == Kind.LOOKED and scene.trace.detail[i]), NONE)
    return call, () if wanted == NONE else scene.trace.inputs[wanted]


def unused(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """`... appears to not have been used in the graph`: where the way from it to the result was cut."""
    call, wanted = asked(scene)
    if index := re.search(r"at index (\d+)", raised.message):
        wanted = wanted[int(index[1]) :][:1]
    flow = run.flow(scene, list(scene.trace.inputs[call]) if wanted else [])
    for value in wanted:
        tensor = scene.tensor[value]
        mask = flow.masks.get(tensor, 0)
        if not mask:
            continue
        cut = flow.chosen(mask, tensor)[0]
        cause = causes.of_cut(scene, flow, cut)
        name = spoken(scene, value)
        message = (
            f"`autograd.grad` is to derive by {quoted(name)} and raises, as nothing leads "
            f"back to it: {cause.what}."
        )
        later = [causes.as_well(scene, one) for one in flow.later(cut)]
        asks = scene.evidence(call, "asks for this gradient")
        yield run.finding(
            cause, Severity.ERROR, message, affected=[name or THE_VALUE], evidence=[*later, asks]
        )
        return
    for value in wanted:
        if (twin := _computed_twice(scene, flow, value)) != NONE:
            yield _another(run, scene, call, value, twin)
            return
    site = scene.raised_site(raised)
    if site is not None and wanted:
        name = spoken(scene, wanted[0])
        fix = "Compute the result from the very tensor that you derive by: a copy or a view of it is another."
        message = f"`autograd.grad` raises: its result isn't computed from {quoted(name)}."
        yield run.finding(at(Rule.OTHER, site, fix), Severity.ERROR, message, affected=[name or THE_VALUE])


def _computed_twice(scene: Scene, flow: Flow, value: int) -> int:
    """A value that the result is computed from, and that is the same function of the same leaves: a weight
    with a parametrization is computed anew each time that it is read. NONE where there is none."""
    made = scene.producer[value]
    if scene.leaf[value] or not scene.grad[value]:
        return NONE
    return next(
        (
            other
            for other in compress(range(len(flow.alive)), flow.alive)
            if other != value
            and scene.trace.function[scene.producer[other]] == scene.trace.function[made]
            and scene.inputs[scene.producer[other]] == scene.inputs[made]
        ),
        NONE,
    )


def _another(run: Run, scene: Scene, call: int, value: int, twin: int) -> Finding:
    made, name = scene.producer[value], spoken(scene, value)
    site = scene.user_site(made)
    message = (
        f"`autograd.grad` is to derive by {quoted(name)}, which is computed anew each time that it is read: "
        "the result is computed from what was read before, and nothing leads back to this one."
    )
    fix = (
        "Derive by the parameter that it is computed from, or read it once, before the result is computed: "
        "`torch.nn.utils.parametrize.cached()` keeps what a parametrization gives."
    )
    evidence = [
        scene.evidence(scene.producer[twin], "the result is computed from this one"),
        scene.evidence(call, "asks for this gradient"),
    ]
    cause = at(Rule.REBUILT_LEAF, site, fix, call=made)
    return run.finding(cause, Severity.ERROR, message, affected=[name or THE_VALUE], evidence=evidence)


def untracked(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """`One of the differentiated Tensors does not require grad`: which, and what to do about it."""
    site = scene.raised_site(raised)
    value = next((value for value in asked(scene)[1] if not scene.grad[value]), None)
    if site is None or value is None:
        return
    name = spoken(scene, value)
    fix = f"Call `.requires_grad_()` on {quoted(name)} before anything is computed from it."
    message = f"`autograd.grad` is to derive by {quoted(name)}, which doesn't require grad, and raises."
    yield run.finding(at(Rule.OTHER, site, fix), Severity.ERROR, message, affected=[name or THE_VALUE])
