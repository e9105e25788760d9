"""Plain random tensors whose product with plain zeros a module computes: both were meant to learn.

So adapters of low rank begin, one matrix random and one zero. Nothing is of less use than a constant zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.zero_or_nan_ops import DROPOUTS, PRODUCTS
from gradtui.diagnosis.keeping import by_line
from gradtui.diagnosis.plain_tensors import Meeting, is_random, kept, meetings, stays_zero
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import Parameter, Role
from gradtui.model.source import Site
from gradtui.model.torch_functions import RESHAPES, SCALINGS, SUMS, TURNS

NEAR = 8
"""Calls that may stand between the two factors: a dropout, a scale, turns."""
BETWEEN = RESHAPES | TURNS | SCALINGS | DROPOUTS
FIX = "Wrap both in `nn.Parameter`, so that `parameters()` lists them."


def product_of_zeros(run: Run) -> Iterator[Finding]:
    """Random matrices that stand in a product with zeros, neither of which anything changes."""
    plain = [one for one in run.once(kept) if len(one.shape) > 1]
    zeros = {one.tensor: one for one in plain if stays_zero(run, one)}
    random = {one.tensor: one for one in plain if is_random(run, one)} if zeros else {}
    pairs: dict[int, Parameter] = {}
    for tensor, met in meetings(run, zeros).items() if random else ():
        for meeting in met:
            for factor in _random_factors(run, meeting, random):
                pairs.setdefault(factor, zeros[tensor])
    members = [random[tensor] for tensor in sorted(pairs)]
    for site, those in by_line(members, lambda one: run.owners.made(one.tensor)).values():
        yield _finding(run, site, those, [pairs[one.tensor] for one in those])


def _random_factors(run: Run, meeting: Meeting, random: Collection[int]) -> Iterator[int]:
    """The random tensors in what a product with zeros is given."""
    scene = meeting.scene
    if scene.name(meeting.call) not in PRODUCTS:
        return
    for other in meeting.others:
        direct = _that_it_is(scene, other, random)
        if direct is not None and _then_for_a_weight(run, meeting):
            yield direct
        call = scene.producer[_made_of(scene, other)[-1]]
        if direct is None and scene.name(call) in PRODUCTS:
            factors = [_that_it_is(scene, one, random) for one in scene.inputs[call]]
            yield from (one for one in factors if one is not None and len(factors) > 1)


def _made_of(scene: Scene, value: int) -> list[int]:
    """A value, and what it was made of alone, one after the other."""
    chain = [value]
    while len(chain) < NEAR:
        call = scene.producer[chain[-1]]
        came = scene.inputs[call]
        if len(came) != 1 or scene.name(call) not in BETWEEN:
            break
        chain.append(came[0])
    return chain


def _that_it_is(scene: Scene, value: int, tensors: Collection[int]) -> int | None:
    """The one of these tensors that a value was made of alone."""
    return next((scene.tensor[one] for one in _made_of(scene, value) if scene.tensor[one] in tensors), None)


def _then_for_a_weight(run: Run, meeting: Meeting) -> bool:
    """Whether a product of constants is added to a weight, or multiplies something else in its turn: where a
    state begins with zeros and is multiplied by random numbers, it only is added to what comes in."""
    scene, flow, pending = meeting.scene, meeting.flow, [meeting.call]
    weights = {tensor for tensor, one in run.owners.parameters.items() if one.role is Role.PARAMETER}
    for _ in range(NEAR):
        made = [value for call in pending for value in flow.made_by(call)]
        pending = []
        for value in made:
            for call in flow.consumers.of(value):
                others = [one for one in scene.inputs[call] if one != value]
                learn = any(scene.tensor[one] in weights for one in others)
                if scene.name(call) in (SUMS if learn else PRODUCTS) and others:
                    return learn == (scene.name(call) in SUMS)
                pending += [call] if scene.name(call) in BETWEEN else []
    return False


def _finding(run: Run, site: Site, random: list[Parameter], zeros: list[Parameter]) -> Finding:
    names, others = [one.name for one in random], list(dict.fromkeys(one.name for one in zeros))
    are = "is a plain random tensor" if len(names) == 1 else "are plain random tensors"
    message = (
        f"{listed(names)} {are} that the module multiplies by {listed(others)}, plain zeros: neither is a "
        "Parameter nor requires grad, so the product stays zero."
    )
    made = filter(None, (run.owners.made(one.tensor) for one in zeros))
    places = {(one.file, one.line): one for one in made if (one.file, one.line) != (site.file, site.line)}
    return run.finding(
        at(Rule.UNREGISTERED_PARAMETER, site, FIX, confidence=Confidence.LIKELY),
        Severity.WARNING,
        message,
        affected=[*names, *others],
        tensors=[one.tensor for one in (*random, *zeros)],
        evidence=[Evidence(file, line, "the zeros are made here") for file, line in places],
    )
