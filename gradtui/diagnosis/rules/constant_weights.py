"""Plain zeros and ones that a module makes for itself and calls as weights are called.

To add the one or to multiply by the other does nothing, as long as they don't learn.
"""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.zero_or_nan_ops import PRODUCTS
from gradtui.diagnosis.keeping import by_line
from gradtui.diagnosis.naming import words_of
from gradtui.diagnosis.plain_tensors import Meeting, attribute, kept, meetings, stays_one, stays_zero
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import listed
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.owners import Parameter
from gradtui.model.source import Site
from gradtui.model.torch_functions import ADDITIONS, NORMS, SCALINGS, STACKS

WEIGHTS = frozenset([
    "weight", "kernel", "bias", "gamma", "beta", "token", "tokens", "prompt", "prompts", "embed", "embedding",
    "embeddings", "emb", "gammas", "betas", "kernels", "biases",
])  # fmt: skip
"""What is called so is there to be learnt. Not `weights`: those of a loss are ones as well, as an option."""
WHOSE = frozenset([
    # which token, or which of a prompt's
    "cls", "class", "dist", "distill", "distillation", "reg", "register", "soft", "prefix", "learned",
    "learnable", "trainable",
    # which table of places, times or kinds
    "pos", "position", "positional", "rel", "relative", "patch", "time", "temporal", "spatial", "type", "seg",
    "segment", "row", "col", "x", "y", "h", "w",
    # which norm, which projection of attention, which side of two
    "ln", "norm", "rms", "q", "k", "v", "query", "key", "value", "a", "b", "up", "down", "in", "out",
])  # fmt: skip
"""What such names consist of besides, in a network. With any other word it may be a constant, which zeros and
ones are as well: a mask, a pad, a null, the scale and the shift of actions or data."""
MULTIPLIERS = frozenset({"alpha", "alphas", "slope", "slopes", "scale", "scales", "gain", "gains"})
"""What is called so multiplies as a rule: by zeros, that gives nothing. Ones may be meant, or an option's."""
NEAR = 64
"""Calls among which a layer is looked for that takes what such a tensor was added to: in a model it is near,
and there is none behind the weights of a loss."""
FIX = "Wrap it in `nn.Parameter`, or call `register_buffer` if it should stay as it is."


def constant_weights(run: Run) -> Iterator[Finding]:
    """Zeros that are added to what learns and ones that multiply it, which nothing in the program changes."""
    named = {one.tensor: _words_of_a_weight(one) for one in run.once(kept)}
    plain = [one for one in run.once(kept) if named[one.tensor]]
    zeros = {one.tensor for one in plain if stays_zero(run, one)}
    ones = {one.tensor for one in plain if named[one.tensor] <= WEIGHTS and stays_one(run, one)}
    met = meetings(run, zeros | ones)
    idle = [
        one
        for one in plain
        if _does_nothing(run, met.get(one.tensor, []), zero=one.tensor in zeros)
        and (named[one.tensor] <= WEIGHTS or all(map(_scales_nothing, met[one.tensor])))
    ]
    for site, members in by_line(idle, lambda one: run.owners.made(one.tensor)).values():
        yield _finding(run, site, members, "zeros" if members[0].tensor in zeros else "ones")


def _words_of_a_weight(parameter: Parameter) -> frozenset[str]:
    """The words of its name that are those of a weight, where it has none that could be a constant's."""
    words = frozenset(words_of(attribute(parameter)))
    return words - WHOSE if (WEIGHTS | MULTIPLIERS | WHOSE).issuperset(words) else frozenset()


def _does_nothing(run: Run, met: list[Meeting], *, zero: bool) -> bool:
    """Whether every call that takes it would do the same without it, and some stands within a model: it is
    given what learns, and a layer takes what comes of it."""
    useless = all(_adds_nothing(one) if zero else _scales_nothing(one) for one in met)
    return useless and any(_live(one) and _goes_into_a_layer(run, one) for one in met)


def _adds_nothing(meeting: Meeting) -> bool:
    return meeting.scene.name(meeting.call) in ADDITIONS | STACKS | SCALINGS | PRODUCTS | NORMS


def _scales_nothing(meeting: Meeting) -> bool:
    """Whether ones multiply, over the whole batch alike: those of samples, or of edges, are their weights."""
    scene, name = meeting.scene, meeting.scene.name(meeting.call)
    if name not in SCALINGS:
        return name in NORMS
    made, own = scene.shape(scene.outputs[meeting.call][0]), scene.shape(meeting.value)
    wide = len(own) < len(made) or (own[0] == 1 and made[0] > 1)
    return wide and _along_features(own)


def _along_features(shape: tuple[int, ...]) -> bool:
    """Whether it has one size alone that isn't 1, as what belongs to features or channels has."""
    return sum(size > 1 for size in shape) == 1


def _live(meeting: Meeting) -> bool:
    """Whether it meets what was computed from something that learns, or in a layer that something."""
    scene, layer = meeting.scene, meeting.scene.name(meeting.call) in PRODUCTS | NORMS
    return any(scene.grad[one] and (layer or not scene.leaf[one]) for one in meeting.others)


def _goes_into_a_layer(run: Run, meeting: Meeting) -> bool:
    """Whether what comes of it is taken by something that an optimizer learns, a few calls on."""
    scene, flow = meeting.scene, meeting.flow
    pending, seen = [meeting.call], {meeting.call}
    for call in pending:
        for made in flow.made_by(call):
            for user in flow.consumers.of(made):
                if any(
                    scene.leaf[one] and scene.tensor[one] in run.owners.held for one in scene.inputs[user]
                ):
                    return True
                if user not in seen and len(seen) < NEAR:
                    seen.add(user)
                    pending.append(user)
    return False


def _finding(run: Run, site: Site, members: list[Parameter], what: str) -> Finding:
    names = [one.name for one in members]
    it_is, it_stays = "is a plain tensor", "it is no Parameter and gets no gradient, so it stays"
    if len(names) > 1:
        it_is, it_stays = "are plain tensors", "they are no Parameters and get no gradient, so they stay"
    message = f"{listed(names)} {it_is} of {what} that the module computes with: {it_stays} {what}."
    return run.finding(
        at(Rule.UNREGISTERED_PARAMETER, site, FIX, confidence=Confidence.LIKELY),
        Severity.WARNING,
        message,
        affected=names,
        tensors=[one.tensor for one in members],
    )
