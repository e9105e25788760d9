"""Plain random tensors that a module computes with, and that were meant to learn."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.zero_or_nan_ops import PRODUCTS
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.keeping import by_line
from gradtui.diagnosis.naming import words_of
from gradtui.diagnosis.plain_tensors import attribute, is_random, kept, starts
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import listed
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.owners import Parameter
from gradtui.model.source import Site
from gradtui.model.torch_functions import ADDITIONS, NEGATIONS, RESHAPES, REVERSED, SCALINGS, TURNS
from gradtui.model.trace import Kind

WEIGHTS = frozenset([
    "weight", "weights", "kernel", "kernels", "bias", "query", "queries", "key", "keys", "value", "values",
    "q", "k", "v", "u", "token", "tokens", "prompt", "prompts", "embedding", "embeddings", "embed", "emb",
    "context", "gate", "gates", "slot", "slots", "memory",
])  # fmt: skip
"""What is called so is there to be learnt; `w` is too, by itself or with a letter: `w_out`, `wq`."""
FIXED = frozenset(["reservoir", "echo", "esn", "random", "fixed", "frozen"])
"""What is said in the name of a module, or of its class, that keeps its random numbers as they are."""
FEATURES = frozenset(["exp", "cos", "sin", "sign", "sgn", "argmax", "argmin", "heaviside", "gt", "__gt__"])
"""What makes features of random projections: of waves, of kernels, of signs."""
BETWEEN = SCALINGS | ADDITIONS | REVERSED | NEGATIONS | RESHAPES | TURNS
NEAR = 4
"""Calls among which such a function is looked for: a factor, a phase and a norm lie between."""
Uses = tuple[Flow, list[int]]
"""Calls of a flow in which a plain tensor meets what learns."""


def never_parameters(run: Run) -> Iterator[Finding]:
    """Plain random tensors that a module makes for itself and mixes with what it learns: they were meant to
    learn as well, or are fixed random features."""
    plain = [one for one in run.once(kept) if is_random(run, one)]
    mixed = _mixed(run, {one.tensor for one in plain})
    used = [one for one in plain if one.tensor in mixed]
    # A vector may be anything, such as a phase or a probe: of it nothing is said unless it is a weight.
    used = [one for one in used if len(one.shape) > 1 or _is_factor(one, mixed[one.tensor])]
    for site, members in by_line(used, lambda one: run.owners.made(one.tensor)).values():
        meant = not any(_like_a_weight(one, mixed[one.tensor]) and not _is_fixed(run, one) for one in members)
        yield _stays_random(run, site, members, meant)


def _stays_random(run: Run, site: Site, members: list[Parameter], meant: bool) -> Finding:
    names = [one.name for one in members]
    fix = "Wrap it in `nn.Parameter`, or call `register_buffer` if it should stay as it is."
    message = (
        f"{listed(names)} is a plain random tensor that the module computes with: it is neither a Parameter "
        f"nor requires grad, so it stays at its random values{', as random features do' if meant else ''}."
    )
    return run.finding(
        at(Rule.UNREGISTERED_PARAMETER, site, fix, confidence=Confidence.LIKELY),
        Severity.NOTE if meant else Severity.WARNING,
        message,
        affected=names,
        tensors=[one.tensor for one in members],
    )


def _like_a_weight(parameter: Parameter, uses: Uses) -> bool:
    """Whether a random tensor is called what weights are called, and isn't used as random features are.

    Weights and random features are made alike and multiplied alike: neither the name nor the use tells enough
    by itself, so that where they don't agree nobody is warned.
    """
    flow, calls = uses
    parts = words_of(attribute(parameter))
    called = any(part in WEIGHTS or (part[:1] == "w" and len(part) < 3) for part in parts)
    return called and not any(_becomes_features(flow, call) for call in calls)


def _is_fixed(run: Run, parameter: Parameter) -> bool:
    names = (parameter.name, *(module.kind.rpartition(".")[2] for module in run.modules_of(parameter)))
    return any(word in FIXED for name in names for word in words_of(name))


def _is_factor(parameter: Parameter, uses: Uses) -> bool:
    """Whether a vector is called what weights are called, and multiplied as they are: one that is added may
    be where something begins, and one that derivatives are multiplied by is a probe."""
    scene, calls = uses[0].scene, uses[1]
    products = all(scene.name(call) in PRODUCTS for call in calls)
    derived = (scene.kind[scene.producer[one]] == Kind.GRAD for call in calls for one in scene.inputs[call])
    return products and not any(derived) and _like_a_weight(parameter, uses)


def _becomes_features(flow: Flow, call: int) -> bool:
    """Whether what a product gives goes into a wave, an exponential or a choice: into random features."""
    pending, seen = [call], {call}
    for _ in range(NEAR):
        users = [
            user for one in pending for made in flow.scene.outputs[one] for user in flow.consumers.of(made)
        ]
        pending = [one for one in dict.fromkeys(users) if one not in seen]
        seen.update(pending)
        if any(flow.scene.name(one) in FEATURES for one in pending):
            return True
        pending = [one for one in pending if flow.scene.name(one) in BETWEEN]
    return False


def _mixed(run: Run, tensors: set[int]) -> dict[int, Uses]:
    """By tensor the calls in which what is computed from it meets, on the way to a loss, values that descend
    from what learns, in the first flow that has some."""
    found: dict[int, Uses] = {}
    for scene, window in run.history.windows:
        wanted = tensors - found.keys()
        if not wanted:
            break
        flow = run.flow(scene, run.roots(scene, window.backwards))
        for tensor, values in starts(flow, wanted).items():
            if calls := _meets_what_learns(flow, values):
                found[tensor] = flow, calls
    return found


def _meets_what_learns(flow: Flow, values: list[int]) -> list[int]:
    """The calls in which values, or what is computed from them without a graph, meet what has one."""
    scene = flow.scene

    def is_live(call: int) -> bool:
        return any(scene.grad[value] and not scene.leaf[value] for value in scene.inputs[call])

    def constants(_value: int, call: int) -> list[int]:
        return [] if is_live(call) else [made for made in flow.made_by(call) if not scene.grad[made]]

    users = [call for value in flow.going_on(values, constants) for call in flow.consumers.of(value)]
    # What a custom Function is given may be for its backward alone.
    return [call for call in users if scene.kind[call] != Kind.FUNCTION and is_live(call)]
