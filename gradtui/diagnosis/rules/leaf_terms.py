"""Terms of a loss that are new leaves: they have a gradient to give, and nobody to give it to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gradtui.diagnosis import causes, terms
from gradtui.diagnosis.flow import Cut
from gradtui.diagnosis.losses import added_at, back_from, losses, name_of, subject_of
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.terms import Term
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Severity
from gradtui.model.trace import Kind


def leaf_terms(run: Run) -> Iterator[Finding]:
    """Each term that is computed outside of torch, in a function of its own, from what was to be trained."""
    for scene, backward, held in run.once(losses):
        root = scene.trace.inputs[backward][0]
        found = terms.of(scene, root, lambda _: False)
        fresh = [term for term in found if _is_new(scene, term, backward)]
        if not fresh or len(found) < 2:
            continue
        depends, _ = run.learning_from(scene, held)
        for term in fresh:
            escape = _left(scene, scene.producer[term.value], depends)
            if escape != NONE:
                finding = _finding(run, scene, term, escape)
                yield replace(finding, stop=scene.backward_number(backward))


def _is_new(scene: Scene, term: Term, backward: int) -> bool:
    """Whether a term is a leaf that nobody holds, made of numbers in another function than backward's."""
    call, value = scene.producer[term.value], term.value
    made, here = scene.site(call), scene.site(backward)
    return (
        bool(scene.leaf[value])
        and scene.kind[call] == Kind.REENTRY
        and not scene.inputs[call]
        and scene.tensor[value] not in scene.held
        and (made.file, made.function) != (here.file, here.function)
    )


def _left(scene: Scene, entry: int, depends: bytearray) -> int:
    """The first call by which something that learns left torch, in what was called by the function in which
    numbers come in; NONE where there is none."""
    site, found = scene.site(entry), NONE
    for call in back_from(scene, entry):
        if scene.carries(call) and depends[scene.trace.inputs[call][0]]:
            frames = scene.call(call).stack
            if any((one.file, one.function) == (site.file, site.function) for one in frames):
                found = call
    return found


def _finding(run: Run, scene: Scene, term: Term, escape: int) -> Finding:
    entry = scene.producer[term.value]
    value = scene.trace.inputs[escape][0]
    flow = run.flow(scene, [term.value])
    cause = causes.of_cut(scene, flow, Cut(escape, value, term.value, entry, likely=True))
    name = name_of(scene, term)
    evidence = added_at(scene, term, name)
    message = (
        f"{subject_of(name)} is a new leaf, to which its gradient goes: {cause.what}. It changes the number "
        "that is printed, and trains nothing."
    )
    return run.finding(cause, Severity.WARNING, message, affected=[name or "a term"], evidence=evidence)
