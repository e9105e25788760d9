"""A loss that is a new leaf: backward succeeds, and reaches nothing but the loss itself."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.torch_functions import ADDITIONS, NEGATIONS, REVERSED, SCALINGS
from gradtui.model.trace import Kind

MULTIPLES = SCALINGS | NEGATIONS | ADDITIONS | REVERSED
"""What makes of one number with a graph another one."""
MOST = 32
"""Calls that are followed from a loss to the leaf it was computed from, at most."""


def fresh_leaf_loss(run: Run) -> Iterator[Finding]:
    """Each backward whose root is a leaf that no optimizer holds, or a multiple of one."""
    seen: set[int] = set()
    for scene in run.scenes:
        stepped = next(reversed(scene.steps), NONE)
        for call in scene.backwards:
            if scene.trace.order[call] in seen:
                continue
            for root in scene.trace.inputs[call]:
                leaf = _below(run, scene, root)
                # What comes of the gradient of another leaf than the loss itself shows until the next step.
                if leaf == NONE or scene.tensor[leaf] in scene.held or (leaf != root and stepped < call):
                    continue
                seen.add(scene.trace.order[call])
                yield _finding(run, scene, root, leaf, call, at_times=_is_at_times(run, scene, call))


def _below(run: Run, scene: Scene, root: int) -> int:
    """The leaf that a loss is, or that it is a multiple of and that was computed from what is to learn; NONE
    where there is none."""
    value = root
    for _ in range(MOST):
        if scene.leaf[value]:
            return value if value == root or _was_the_loss(run, scene, value) else NONE
        call = scene.producer[value]
        came = [source for source in scene.inputs[call] if scene.grad[source]]
        if len(came) != 1 or scene.name(call) not in MULTIPLES:
            return NONE
        value = came[0]
    return NONE


def _is_at_times(run: Run, scene: Scene, backward: int) -> bool:
    """Whether the very line of a backward has losses with a graph as well, from which all learn that it is
    for: a batch that leaves nothing to be learnt from may give a zero without one."""
    return run.lost.isdisjoint(scene.held) and scene.site(backward) in run.once(_with_a_graph)


def _with_a_graph(run: Run) -> set[Site]:
    """The lines whose backward reaches something that optimizers hold, at one time at least."""
    return {
        scene.site(call)
        for scene in run.scenes
        for call in scene.backwards
        if any(not scene.leaf[root] for root in scene.trace.inputs[call])
        and not scene.held.keys().isdisjoint(run.flow(scene, scene.trace.inputs[call]).reached)
    }


def _was_the_loss(run: Run, scene: Scene, leaf: int) -> bool:
    """Whether a leaf was computed from what is to learn, and its gradient isn't what the program wants, to
    begin another backward with."""
    if scene.site(scene.producer[leaf]) in run.once(_looked_at):
        return False
    within = run.flow(scene, [leaf]).within
    return any(within[value] for value in scene.values_of(scene.held))


def _looked_at(run: Run) -> set[Site]:
    """Where tensors were made of which the program has read the gradient."""
    return {
        scene.site(scene.producer[value])
        for scene in run.scenes
        for call in scene.trace.calls(Kind.LOOKED)
        for value in call.inputs
    }


def _finding(run: Run, scene: Scene, root: int, leaf: int, backward: int, *, at_times: bool) -> Finding:
    made = scene.producer[leaf]
    site = scene.user_site(made)
    if scene.kind[made] == Kind.SEEN:
        site = _first_maker(run, scene, backward, site)
    name = run.words.receiver(scene.user_site(backward)) or "the loss"
    if leaf != root:
        name = run.words.target(site) or name
    patched = scene.kind[made] == Kind.FLAG
    how = "is told to require grad here, after its graph was lost," if patched else "is a new tensor here"
    if patched:
        fix = "Take this line out and mend the line that lost the graph; torch will then find it by itself."
    elif any(scene.grad[value] for value in scene.inputs[made]):
        fix = "Take this line out: the loss that it is given has its graph."
    else:
        fix = "Compute the loss from the model's output; for an empty batch use `out.sum() * 0`, or skip it."
    lost = run.flow(scene, [root]).masks.keys() & scene.held
    held = sorted(lost or scene.held)
    names = [scene.owners.called(tensor) for tensor in held]
    message = (
        f"`{name}` {how} and has no history: backward succeeds, reaches nothing but `{name}` itself, and "
        f"{listed(names) if names else 'no parameter'} {get(names) + ' no' if names else 'gets a'} gradient"
        f"{' by it' if leaf != root else ''}."
    )
    if at_times:
        message += " At other steps it has its graph: meant, where a batch leaves nothing to learn from."
    evidence = list(_lost_before(run, scene, leaf))
    place = scene.user_site(backward)
    evidence.append(Evidence(place.file, place.line, "this backward ends at the loss itself", backward))
    cause = at(Rule.FRESH_LEAF_LOSS, site, fix, call=made)
    return run.finding(
        cause,
        Severity.NOTE if at_times else Severity.ERROR,
        message,
        affected=names or [name],
        tensors=held,
        evidence=evidence,
        stop=scene.backward_number(backward),
    )


def _first_maker(run: Run, scene: Scene, backward: int, default: Site) -> Site:
    """The last expression that the loss's name was bound to before this backward, as the text has it."""
    site = scene.user_site(backward)
    makers = run.words.makers(site, run.words.receiver(site))
    before = [maker for maker in makers if maker.line < site.line]
    return (before or makers or [default])[-1]


def _lost_before(run: Run, scene: Scene, root: int) -> Iterator[Evidence]:
    """Where the values of the loss were computed, for a loss whose flag was patched, and what was the last to
    cut it off from what optimizers hold."""
    made = scene.producer[root]
    for value in scene.inputs[made]:
        flow = run.flow(scene, [value])
        cut = next((one for one in sorted(flow.masks) if one in scene.held and one not in flow.reached), None)
        if cut is not None:
            last = max(flow.below(flow.masks[cut]), key=lambda group: group[0].call)
            cause = causes.of_cut(scene, flow, last[0])
            yield Evidence(
                cause.site.file, cause.site.line, f"its graph was lost here: {cause.what}", cause.call
            )
            yield from cause.evidence
        call = scene.producer[value]
        if scene.kind[call] != Kind.SEEN:
            yield scene.evidence(call, "its values come from here, without a graph")
