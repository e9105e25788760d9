"""Terms of a loss that pull on nothing: they depend on what the optimizer holds, and are cut off from all
of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import compress

from gradtui.diagnosis import causes, terms
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.losses import added_at, escapes_before, losses, name_of, subject_of
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.terms import Term
from gradtui.diagnosis.unoptimized import trained_by_hand
from gradtui.diagnosis.zero_derivative import ZeroDerivative, flat_of, reached_past
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.torch_functions import (
    ADDITIONS,
    LETS_GO,
    NEGATIONS,
    QUOTIENTS,
    REDUCTIONS,
    RESHAPES,
    REVERSED,
    SCALINGS,
    SELECTIONS,
    SUBTRACTIONS,
)
from gradtui.model.trace import Kind

FIXES = {
    ZeroDerivative.ONE: "Normalise over more than one element.",
    ZeroDerivative.NOTHING: (
        "Compare with the value that it had before the constant was added, or with another one."
    ),
}
PLAIN = RESHAPES | REDUCTIONS | NEGATIONS | SCALINGS | ADDITIONS | REVERSED | LETS_GO | QUOTIENTS
"""What a constant may go through and be the same constant."""

GRADS = 4
"""Calls of `autograd.grad` before a backward that are looked at: those of a loop are alike."""


def dead_terms(run: Run) -> Iterator[Finding]:
    """Each term of a judged loss that none of the parameters it was computed from gets a gradient by."""
    for scene, backward, held in run.once(losses):
        for finding in _dead(run, scene, backward, held):
            yield replace(finding, stop=scene.backward_number(backward))


def plain_numbers(run: Run) -> Iterator[Finding]:
    """Terms that are plain numbers when they are added, taken out of tensors that were to be trained."""
    for scene, backward, held in run.once(losses):
        depends, attached = run.learning_from(scene, held)
        root = scene.trace.inputs[backward][0]
        if attached[root]:
            for finding in _numbers(run, scene, root, depends, held):
                yield replace(finding, stop=scene.backward_number(backward))


def _dead(run: Run, scene: Scene, backward: int, held: Collection[int]) -> Iterator[Finding]:
    roots = scene.trace.inputs[backward]
    learning = {*held, *run.once(trained_by_hand)}
    depends, attached = run.learning_from(scene, learning)
    if not attached[roots[0]]:
        return
    found = terms.of(
        scene,
        roots[0],
        lambda value: bool(depends[value]),
        whole=lambda value: bool(depends[value]) and not attached[value],
        wide=True,
    )
    yield from _flat(run, scene, found, held)
    dead = [
        term
        for term in found
        if depends[term.value] and not attached[term.value] and not scene.has_unseen_graph(term.value)
    ]
    apart = _straight_through(scene, found) if dead else set()
    dead = [term for term in dead if term.added not in apart]
    if not dead or len(found) < 2:
        return
    whole = run.flow(scene, [roots[0]], through_leaves=False)
    adders = set(terms.sums(scene, roots[0], lambda value: bool(depends[value]), wide=True))
    for term in dead[: terms.FEW]:
        flow = run.flow(scene, [term.value], through_leaves=False)
        cut = _first_cut(flow, held)
        if cut is None or _of_a_library(scene, term, cut) or _only_chosen(scene, term, held):
            continue
        if _old(scene, cut, backward) or _stabilises(scene, whole, term, cut, adders, held):
            continue
        if _weighs(scene, whole, cut):
            continue
        if _is_derived_elsewhere(scene, term, backward) or _is_taken_from_its_twin(scene, term):
            continue
        yield _finding(run, scene, flow, term, cut, held)


def _flat(run: Run, scene: Scene, found: list[Term], held: Collection[int]) -> Iterator[Finding]:
    """Terms that reach what the optimizers hold only by what stays the same whatever that is."""
    flat = run.once(flat_of)[scene.index]
    for term in found if flat and 1 < len(found) <= terms.FEW else ():
        flow = run.flow(scene, [term.value])
        mine = [call for call in flat if any(flow.alive[value] for value in scene.outputs[call])]
        if not mine or flow.reached.isdisjoint(held) or not reached_past(flow, mine).isdisjoint(held):
            continue
        call, name = mine[-1], name_of(scene, term)
        cause = at(Rule.ZERO_GRADIENT, scene.user_site(call), FIXES[flat[call]], call=call)
        message = (
            f"{subject_of(name)} trains nothing: `{code(scene, call)}` {flat[call].value}. It stays the "
            "same whatever that is, and what comes back is zero."
        )
        evidence = added_at(scene, term, name)
        yield run.finding(cause, Severity.WARNING, message, affected=[name or "a term"], evidence=evidence)


def _numbers(
    run: Run, scene: Scene, root: int, depends: bytearray, held: frozenset[int]
) -> Iterator[Finding]:
    flow = run.flow(scene, [root], through_leaves=False)
    for call in terms.sums(scene, root, lambda value: bool(depends[value])):
        if len(scene.inputs[call]) != 1:
            continue
        side = _number_side(run, scene, call)
        text = scene.words.operand(scene.site(call), side)
        came = [(value, escape, False) for value, escape in scene.escaped.get(call, ()) if depends[value]]
        came = came or [(value, escape, True) for value, escape in _named(scene, call, text, depends)]
        came = came or [(value, escape, True) for value, escape in _inside(scene, call, side, depends)]
        if came and _is_taken_away(scene, flow, text):
            continue
        for value, escape, likely in came[:1]:
            cut = Cut(escape, value, scene.outputs[call][0], call, likely)
            cause = causes.of_cut(scene, flow, cut)
            name = " ".join(text.split())[:60] or code(scene, escape)
            message = (
                f"The term `{name}` of the loss is a plain number: {cause.what}. It changes what is "
                "printed, and trains nothing."
            )
            place = scene.user_site(call)
            evidence = [Evidence(place.file, place.line, f"`{name}` is added to the loss here", call)]
            lost = _only_there(run, scene, value, held)
            names = [scene.owners.called(tensor) for tensor in lost]
            if names:
                message += f" {listed(names)} {get(names)} no gradient by any other way."
            yield run.finding(
                cause,
                Severity.ERROR if names else Severity.WARNING,
                message,
                affected=names or [name],
                tensors=lost,
                evidence=evidence,
            )


def _is_taken_away(scene: Scene, flow: Flow, text: str) -> bool:
    """Whether a number that is added to the loss is also taken away from something in it that has a graph:
    `(loss - level).abs() + level`."""
    words = " ".join(text.split())
    return any(
        scene.name(call) in SUBTRACTIONS
        and len(scene.inputs[call]) == 1
        and words in (" ".join(scene.words.operand(scene.site(call), side).split()) for side in (0, 1))
        for call in flow.calls
        if words and any(flow.alive[value] for value in scene.outputs[call])
    )


def _number_side(run: Run, scene: Scene, call: int) -> int:
    """Which operand of a sum is the number: torch tells `0.0 + loss` from `loss + 0.0` by nothing."""
    site, made = scene.site(call), scene.producer[scene.inputs[call][0]]
    place, names = scene.site(made), set[str]()
    if (place.file, place.function) == (site.file, site.function):  # elsewhere a name means something else
        names.add(scene.words.variable(place))
        if not scene.words.same_statement(site, place):  # `total = total + ...` reads what it was
            names.add(scene.words.target(place))
        names.discard("")
    places = [scene.words.operand_sites(site, side) for side in (0, 1)]
    frames = scene.call(made).stack or (scene.site(made),)
    for side in (0, 1):
        within = any(scene.words.encloses(one, frame) for one in places[side][:1] for frame in frames)
        if within or scene.words.operand(site, side) in names:
            return 1 - side
    begins = [any(map(scene.words.is_number, makers)) for makers in (one[1:] for one in places)]
    if begins.count(True) == 1:  # `total = 0.0`
        return begins.index(True)
    again = _side_of_tensor(run, scene, call, made)
    if again != NONE:
        return 1 - again
    return 0 if scene.name(call) in REVERSED else 1


def _side_of_tensor(run: Run, scene: Scene, call: int, made: int) -> int:
    """Which operand a call has made, by another time that the same sum was of two tensors: the second time
    round a loop; NONE where there is none."""
    site = scene.trace.site
    other = run.once(_sums_of_two)[scene.index].get(site[call], NONE)
    makers = [scene.producer[value] for value in scene.trace.inputs[other]] if other != NONE else []
    came = [site[maker] if maker != NONE else NONE for maker in makers]
    return came.index(site[made]) if made != NONE and came.count(site[made]) == 1 else NONE


def _sums_of_two(run: Run) -> list[dict[int, int]]:
    """By scene and place, the last sum there of two tensors."""
    return [
        {
            scene.trace.site[call]: call
            for call in scene.of_functions(ADDITIONS | SUBTRACTIONS)
            if len(scene.trace.inputs[call]) == 2
        }
        for scene in run.scenes
    ]


def _only_there(run: Run, scene: Scene, value: int, held: frozenset[int]) -> list[int]:
    """Parameters that a number was computed from, and that no loss is computed from otherwise."""
    never = {one.tensor for one in run.history.lost if one.state is GradState.NONE and not one.late}
    below = run.flow(scene, [value]).used
    return sorted(below & held & never - run.used)


def _named(scene: Scene, call: int, text: str, depends: bytearray) -> list[tuple[int, int]]:
    """Numbers that were taken out of tensors since the last backward, under a name that the operand reads."""
    words = set(re.findall(r"[A-Za-z_]\w*", text))
    converts = not words.isdisjoint(("item", "float"))
    found = []
    for escape in escapes_before(scene, call):
        if scene.name(escape) not in ("item", "__float__"):
            continue
        site, value = scene.site(escape), scene.trace.inputs[escape][0]
        # `log[name] = loss.item()` leaves `loss` the tensor that it was.
        target = scene.words.target(site)
        read = target.rsplit(".", 1)[-1] in words or ("[" in target and target in text)
        taken = converts and scene.words.receiver(site).rsplit(".", 1)[-1] in words
        if depends[value] and scene.grad[value] and (read or taken):
            found.append((value, escape))
    return found


def _inside(scene: Scene, call: int, side: int, depends: bytearray) -> list[tuple[int, int]]:
    """Tensors that left torch while the program was working out the operand: in a function called there."""
    wanted = scene.words.operand_sites(scene.site(call), side)
    found = []
    for escape in escapes_before(scene, call):
        if not scene.carries(escape):
            continue
        value, frames = scene.trace.inputs[escape][0], scene.call(escape).stack
        if depends[value] and any(
            scene.words.encloses(one, frame)
            for frame in frames
            for one in wanted
            if frame.function == one.function
        ):
            found.append((value, escape))
    return found


def _straight_through(scene: Scene, found: list[Term]) -> set[int]:
    """The sums `hard - soft.detach() + soft`, `soft + (hard - soft).detach()`: one term takes away the value
    of another, so that only its gradient is left."""
    values, sums = {term.value for term in found}, set[int]()
    for term in found:
        call = scene.producer[term.value]
        if scene.name(call) in LETS_GO and scene.inputs[call]:
            difference = scene.producer[scene.inputs[call][0]]
            call = difference if scene.name(difference) in SUBTRACTIONS else call
        if not scene.grad[term.value] and any(value in values for value in scene.inputs[call]):
            sums.add(term.added)
    return sums


def _first_cut(flow: Flow, held: Collection[int]) -> Cut | None:
    groups = flow.first_cuts(held)
    if not groups:
        return None
    # An advantage is detached, and a rollout is computed under `no_grad`, in every such loss that is right:
    # it is the other factor that should have a graph.
    rare = [group for group in groups if not _is_usual(flow.scene, group[0])] or groups
    rare = [group for group in rare if not _is_advantage(flow, group[0])] or rare
    cut = flow.choose(rare)[0]
    if flow.alone(cut):
        return cut
    # What is rare may have picked by a mask what the term is of, and nothing more.
    other = flow.choose(groups)[0]
    return other if flow.alone(other) else cut


def _is_usual(scene: Scene, cut: Cut) -> bool:
    """Whether a cut is one that somebody wrote down as such: a detach, or a net that has run under `no_grad`.

    What drops a graph that was there is none: a conversion, or a block that only a part of a loss stands in.
    """
    if scene.name(cut.call) in LETS_GO:
        return True
    return bool(scene.leaf[cut.value]) and not scene.grad_mode(cut.call)


def _is_advantage(flow: Flow, cut: Cut) -> bool:
    """Whether a cut is the detach of a difference that something else is multiplied by."""
    scene, value = flow.scene, cut.value
    if scene.name(cut.call) not in LETS_GO:
        return False
    if scene.name(scene.producer[value]) in QUOTIENTS and scene.inputs[scene.producer[value]]:
        value = scene.inputs[scene.producer[value]][0]  # of one that is scaled
    maker = scene.producer[value]
    written = scene.name(maker) in SUBTRACTIONS and scene.words.operand(scene.user_site(maker), 1)
    return bool(written) and any(
        scene.name(call) in SCALINGS and len({*scene.trace.inputs[call]}) > 1
        for call in flow.consumers.of(cut.made)
    )


def _of_a_library(scene: Scene, term: Term, cut: Cut) -> bool:
    """Whether it is a library that cuts a term off: in a log density, which is flat where that of a uniform
    distribution is, or in what it also adds it in."""
    site = scene.user_site(cut.call)
    called = scene.words.call_name(site)
    added = term.added >= 0 and site == scene.user_site(term.added)
    return bool(scene.grad_mode(cut.call)) and (called == "log_prob" or (added and called != ""))


def _only_chosen(scene: Scene, term: Term, held: Collection[int]) -> bool:
    """Whether what optimizers hold has only chosen what a term is computed from: words that were drawn, and
    another model judges. Where there is nothing to choose from but what is made for it, as by one-hot codes,
    the choice is all that the term is about."""

    def before(value: int) -> Sequence[int]:
        call = scene.producer[value]
        came = () if scene.leaf[value] else scene.sources[call]
        chooses = scene.name(call) in SELECTIONS
        return [one for one in came if scene.floating[one]] if chooses else came

    below = [*scene.going_back([term.value], before)]
    if any(scene.leaf[value] and scene.tensor[value] in held for value in below):
        return False
    return any(
        scene.floating[value] and not scene.inputs[call] and scene.kind[call] != Kind.OP
        for value in below
        for call in (scene.producer[value],)
    )


def _old(scene: Scene, cut: Cut, backward: int) -> bool:
    """Whether what is cut off was computed before the last step: values kept, and not a graph lost."""
    return max(scene.producer[cut.value], cut.call) < last_before(scene.steps, backward)


def _is_derived_elsewhere(scene: Scene, term: Term, backward: int) -> bool:
    """Whether the same line makes the term also for an `autograd.grad`, which derives it by what it is
    computed from: by a sample, as an energy is."""
    made = scene.producer[term.value]
    place, grads = scene.trace.site[made], [call for call in scene.grads if call < backward][-GRADS:]
    for call in grads:
        root = scene.trace.inputs[call][:1]
        below = scene.going_back(root, scene.live_before)
        if any(scene.trace.site[scene.producer[value]] == place and scene.grad[value] for value in below):
            return True
    return False


def _is_taken_from_its_twin(scene: Scene, term: Term) -> bool:
    """Whether a term is taken away from what the very same lines make with a graph: the density by a policy
    to stay close to, from that by the one that learns."""
    if term.added < 0 or scene.name(term.added) not in SUBTRACTIONS:
        return False
    trace, made = scene.trace, scene.producer[term.value]
    others = (scene.producer[value] for value in scene.inputs[term.added] if scene.grad[value])
    return any(
        (trace.site[one], trace.function[one]) == (trace.site[made], trace.function[made]) for one in others
    )


def _stabilises(
    scene: Scene, whole: Flow, term: Term, cut: Cut, adders: Collection[int], held: Collection[int]
) -> bool:
    """Whether the term is a constant that is also used elsewhere in the loss than as a term that is added,
    where its gradient comes by another way: the largest of some numbers, taken away before `exp` and added
    after `log`. One is none that is computed with a graph as well, by the same lines, and that the term is
    more than a multiple of: the old probabilities, which have their use in the ratio, in place of the new."""
    others = any(scene.producer[end] not in adders for end in whole.got_round_at(cut))
    if others and _is_judged(scene, term.value, held):
        return False
    return others and (_is_made_of(scene, term.value, cut.made) or not _has_twin(scene, whole, cut))


def _weighs(scene: Scene, whole: Flow, cut: Cut) -> bool:
    """Whether the same constant, or another one that was let go of the same value, is a factor of something
    in the loss that has a graph: a sharpened target, responsibilities, a multiplier. Then it is held constant
    on purpose, and a term of it alone makes the number that is printed complete."""
    made = {cut.made}
    for call in whole.consumers.of(cut.value):
        made.update(whole.made_by(call) if scene.name(call) in LETS_GO else ())
    ends = {end for value in made if not scene.grad[value] for end in whole.constant(value)[1]}
    return any(
        scene.name(call) in SCALINGS and len({*scene.inputs[call]}) > 1 and whole.alive[end]
        for end in ends
        for call in (scene.producer[end],)
    )


def _is_judged(scene: Scene, value: int, held: Collection[int]) -> bool:
    """Whether a model that another optimizer trains has made a term of a constant, as a critic does of an
    action: what it says is what was to be learnt from. A part of the density of what was drawn may be a
    constant, and so may be what a model says that nobody trains, such as the one to stay close to."""
    below = (scene.tensor[one] for one in scene.going_back([value], scene.made_from))
    return any(tensor in scene.held and tensor not in held for tensor in below)


def _has_twin(scene: Scene, whole: Flow, cut: Cut) -> bool:
    """Whether what a cut gives, or what is computed from that without a graph, is computed with one too."""

    def place(value: int) -> tuple[int, int, int]:
        call = scene.producer[value]
        return scene.trace.site[call], scene.trace.function[call], scene.trace.shape[value]

    without = {place(value) for value in whole.constant(cut.made)[0] if scene.floating[value]}
    return any(place(value) in without for value in compress(range(len(whole.alive)), whole.alive))


def _is_made_of(scene: Scene, value: int, constant: int) -> bool:
    """Whether a value is a constant, moved or scaled perhaps."""

    def before(value: int) -> Sequence[int]:
        return () if value == constant else scene.inputs[scene.producer[value]]

    computed = (one for one in scene.going_back([value], before) if before(one))
    return all(scene.name(scene.producer[one]) in PLAIN for one in computed)


def _finding(run: Run, scene: Scene, flow: Flow, term: Term, cut: Cut, held: Collection[int]) -> Finding:
    cause = causes.of_cut(scene, flow, cut)
    name = name_of(scene, term)
    reach = flow.masks
    tensors = [tensor for tensor in held if tensor in reach]
    parameters = [scene.owner_name(tensor) for tensor in tensors]
    message = (
        f"{subject_of(name)} is a constant for {listed([one for one in parameters if one])}: "
        f"{cause.what}. It changes the number that is printed, and trains nothing."
    )
    evidence = added_at(scene, term, name)
    return run.finding(cause, Severity.WARNING, message, affected=[name or "a term"], evidence=evidence)
