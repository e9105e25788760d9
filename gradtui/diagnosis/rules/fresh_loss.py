"""A loss that is a new leaf: backward succeeds, and reaches nothing but the loss itself."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.run import Run, at, listed
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.trace import Kind


def fresh_leaf_loss(run: Run) -> Iterator[Finding]:
    """Each backward whose root is a leaf that no optimizer holds."""
    seen: set[tuple[int, int]] = set()
    for scene in run.scenes:
        for call in scene.events:
            if scene.kind[call] != Kind.BACKWARD or (scene.trace.order[call], 0) in seen:
                continue
            seen.add((scene.trace.order[call], 0))
            for root in scene.trace.inputs[call]:
                if scene.leaf[root] and scene.tensor[root] not in scene.held:
                    yield _finding(run, scene, root, call)


def _finding(run: Run, scene: Scene, root: int, backward: int) -> Finding:
    made = scene.producer[root]
    site = causes.user_site(scene, made)
    if scene.kind[made] == Kind.SEEN:
        site = _first_maker(run, scene, backward, site)
    name = run.words.receiver(causes.user_site(scene, backward)) or "the loss"
    patched = scene.kind[made] == Kind.FLAG
    how = "is told to require grad here, after its graph was lost," if patched else "is a new tensor here"
    if patched:
        fix = "Take this line out and mend the line that lost the graph; torch will then find it by itself."
    elif any(scene.grad[value] for value in scene.inputs[made]):
        fix = "Take this line out: the loss that it is given has its graph."
    else:
        fix = "Compute the loss from the model's output; for an empty batch use `out.sum() * 0`, or skip it."
    held = sorted(scene.held)
    names = [scene.owners.called(tensor) for tensor in held]
    message = (
        f"`{name}` {how} and has no history: backward succeeds, reaches nothing but `{name}` itself, and "
        f"{listed(names) if names else 'no parameter'} {'get no gradient' if names else 'gets a gradient'}."
    )
    evidence = list(_lost_before(scene, root))
    place = causes.user_site(scene, backward)
    evidence.append(Evidence(place.file, place.line, "this backward ends at the loss itself", backward))
    cause = at(Rule.FRESH_LEAF_LOSS, site, fix, call=made)
    return run.finding(
        cause, Severity.ERROR, message, affected=names or [name], tensors=held, evidence=evidence
    )


def _first_maker(run: Run, scene: Scene, backward: int, default: Site) -> Site:
    """The last expression that the loss's name was bound to before this backward, as the text has it."""
    site = causes.user_site(scene, backward)
    makers = run.words.makers(site, run.words.receiver(site))
    before = [maker for maker in makers if maker.line < site.line]
    return (before or makers or [default])[-1]


def _lost_before(scene: Scene, root: int) -> Iterator[Evidence]:
    """Where the values of the loss were computed, for a loss whose flag was patched."""
    made = scene.producer[root]
    for value in scene.inputs[made]:
        call = scene.producer[value]
        if scene.kind[call] != Kind.SEEN:
            yield causes.evidence(scene, call, "its values come from here, without a graph")
