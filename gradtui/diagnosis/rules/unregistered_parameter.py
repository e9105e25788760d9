"""What a module computes with and keeps where `parameters()` doesn't look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import dropwhile

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.definitions import made_in
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.unoptimized import bare, called, derived_by, enclosed, in_training, lasting
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import Parameter, Role
from gradtui.model.source import Site
from gradtui.model.torch_functions import (
    ADDITIONS,
    NEGATIONS,
    RESHAPES,
    REVERSED,
    SCALINGS,
    TURNS,
    last_part,
)
from gradtui.model.trace import Kind

RANDOM = frozenset({"torch.randn", "torch.rand", "torch.normal", "torch.randn_like", "torch.rand_like"})
EMPTY = frozenset({"empty", "zeros", "new_empty", "new_zeros"})
FILLS = frozenset({"uniform_", "normal_"})
"""What `nn.init` begins to fill a weight by; an orthogonal one is copied in, and may be a fixed rotation."""
WEIGHTS = frozenset([
    "weight", "weights", "kernel", "kernels", "bias", "query", "queries", "key", "keys", "value", "values",
    "q", "k", "v", "u", "token", "tokens", "prompt", "prompts", "embedding", "embeddings", "embed", "emb",
    "context", "gate", "gates", "slot", "slots", "memory",
])  # fmt: skip
"""What is called so is there to be learnt; `w` is too, by itself or with a letter: `w_out`, `wq`."""
FEATURES = frozenset(["exp", "cos", "sin", "sign", "sgn", "argmax", "argmin", "heaviside", "gt", "__gt__"])
"""What makes features of random projections: of waves, of kernels, of signs."""
BETWEEN = SCALINGS | ADDITIONS | REVERSED | NEGATIONS | RESHAPES | TURNS
NEAR = 4
"""Calls among which such a function is looked for: a factor, a phase and a norm lie between."""
Place = tuple[str, int]


def by_line(
    parameters: list[Parameter], place: Callable[[Parameter], Site | None]
) -> dict[Place, tuple[Site, list[Parameter]]]:
    """Parameters by line, as `place` says where each was made; without those of which it doesn't."""
    found: dict[Place, tuple[Site, list[Parameter]]] = {}
    for parameter in parameters:
        site = place(parameter)
        if site is not None:
            found.setdefault((site.file, site.line), (site, []))[1].append(parameter)
    return found


def made_for(run: Run, parameter: Parameter) -> Site | None:
    """Where a tensor was made; where it belongs to a module that a plain container holds, where that was: a
    function may have made it for who puts it there."""
    held = [module for chain in run.chains(parameter) for module in chain if not module.registered]
    frames = run.making(parameter.tensor) if held else []
    inits = [f"{module.kind}.__init__" for module in held]
    inside = [place for place, site in enumerate(frames) if site.function in inits]
    outer = dropwhile(run.words.gives_away, frames[inside[-1] + 1 :] if inside else frames)
    return next(outer, None) or run.owners.made(parameter.tensor)


def in_plain_container(run: Run, parameter: Parameter) -> bool:
    """Whether its module stands in a plain list or dict of another one that is in training."""
    return not run.registered(parameter) and in_training(run, parameter)


def unregistered(run: Run) -> Iterator[Finding]:
    """Leaves that get a gradient, hang on a module or were made for one, and aren't among its parameters."""
    if not run.history.judgements:
        return
    ways = (_hidden, in_plain_container, enclosed)
    parameters = [one for one in run.once(lasting) if any(way(run, one) for way in ways)]
    for site, members in by_line(parameters, lambda one: made_for(run, one)).values():
        names = [called(run, one) for one in members]
        it = "it" if len(names) == 1 else "them"
        kept, fix = how_kept(members, it)
        message = (
            f"{listed(names)} {get(names)} a gradient, but {kept}: "
            f"`parameters()` does not list {it}, so no optimizer moves {it}."
        )
        cause = at(Rule.UNREGISTERED_PARAMETER, site, fix)
        yield run.finding(
            cause,
            Severity.WARNING,
            message,
            affected=names,
            tensors=[one.tensor for one in members],
            evidence=_optimizers(run),
        )


def _hidden(run: Run, parameter: Parameter) -> bool:
    """Whether a module keeps it as something else than a parameter.

    Points at which a differential equation shall hold are kept as well, and derived by at every step.
    """
    if parameter.role not in (Role.ATTRIBUTE, Role.BUFFER) or _made_by_library(run, parameter):
        return False
    return parameter.made_by == "nn.Parameter" or parameter.tensor not in run.once(derived_by)


def _made_by_library(run: Run, parameter: Parameter) -> bool:
    """Whether a library's module has made it for itself, which the user could not mend."""
    site = run.owners.made(parameter.tensor)
    called = run.words.call_name(site) if site is not None else ""
    if not called or called == last_part(parameter.made_by):
        return False
    keepers = run.keepers(parameter)
    return called == "__init__" or (bool(keepers) and not any(map(run.of_user, keepers)))


def how_kept(members: list[Parameter], it: str) -> tuple[str, str]:
    """How a module keeps such tensors, and what to do instead."""
    keeps = f"the module keeps {it} in"
    if all(one.role is Role.BUFFER for one in members):
        single = len(members) == 1
        return (
            f"{keeps} {'a buffer' if single else 'buffers'}",
            f"Make {'it' if single else 'each'} an `nn.Parameter`, so that `parameters()` lists {it}.",
        )
    if all(map(bare, members)):
        return (
            f"no module has {it} as an attribute, as where a closure keeps {it}",
            f"Make {it} an attribute of a module that computes with {it}.",
        )
    if all(one.role is Role.ATTRIBUTE and "[" not in one.name for one in members):
        wrap = f"Wrap {it} in `nn.Parameter`, so that `parameters()` lists {it}."
        return f"{keeps} a plain attribute", wrap
    if all(one.role is Role.ATTRIBUTE for one in members):
        return (
            f"{keeps} a plain list or dict",
            "Keep them in an `nn.ParameterList` or an `nn.ParameterDict`.",
        )
    return (
        f"{keeps} what is no module, such as a plain list, a dict or a dataclass",
        "Keep the modules in an `nn.ModuleList` or an `nn.ModuleDict`; what holds them must be a module too.",
    )


def _optimizers(run: Run) -> Iterator[Evidence]:
    for number, optimizer in enumerate(run.owners.optimizers):
        site = run.owners.optimizer_made(number)
        if site is not None:
            held = len(optimizer.tensors)
            yield Evidence(site.file, site.line, f"`{optimizer.name}` holds {held} tensors, and not these")


def never_parameters(run: Run) -> Iterator[Finding]:
    """Plain random tensors that a module makes for itself and mixes with what it learns: they were meant to
    learn as well, or are fixed random features. What it is handed is data."""
    plain = [
        one
        for one in run.owners.parameters.values()
        if one.role is Role.ATTRIBUTE and _random_matrix(run, one) and _own(run, one)
    ]
    made = run.once(_makers)
    # What is bound anew is kept up, as a queue is, or drawn for each step.
    plain = [one for one in plain if len(made[one.name].lines) == 1 and not made[one.name].later]
    mixed = {one.tensor: uses for one in plain if (uses := _mixed(run, one.tensor))}
    kept = [one for one in plain if one.tensor in mixed]
    for site, members in by_line(kept, lambda one: run.owners.made(one.tensor)).values():
        meant = not any(_like_a_weight(one, mixed[one.tensor]) for one in members)
        yield _stays_random(run, site, members, meant)


@dataclass
class Makers:
    """What has made that which an attribute was bound to."""

    lines: set[Place | None] = field(default_factory=set)
    later: bool = False
    """Whether some of it was made when an optimizer had stepped."""


def _makers(run: Run) -> dict[str, Makers]:
    """By name of an attribute."""
    found: dict[str, Makers] = {}
    first = min((one.order for one in run.history.judgements), default=0)
    for one in run.owners.parameters.values():
        if one.role is Role.ATTRIBUTE:
            site = run.owners.made(one.tensor)
            makers = found.setdefault(one.name, Makers())
            makers.lines.add((site.file, site.line) if site is not None else None)
            makers.later |= one.made_order > first
    return found


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


def _like_a_weight(parameter: Parameter, uses: tuple[Flow, list[int]]) -> bool:
    """Whether a random tensor is called what weights are called, and isn't used as random features are.

    Weights and random features are made alike and multiplied alike: neither the name nor the use tells enough
    by itself, so that where they don't agree nobody is warned.
    """
    flow, calls = uses
    name = parameter.name.rpartition(".")[2].partition("[")[0].strip("_").lower()
    parts = [part.rstrip("0123456789") for part in name.split("_")]
    called = any(part in WEIGHTS or (part[:1] == "w" and len(part) < 3) for part in parts)
    return called and not any(_becomes_features(flow, call) for call in calls)


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


def _random_matrix(run: Run, parameter: Parameter) -> bool:
    """Whether it still holds the random numbers it was made of, in more than one row, and learns nothing.

    What is written in place is kept up by the program itself, as a queue is, unless it was filled once.
    """
    if parameter.requires_grad or len(parameter.shape) < 2:
        return False
    if parameter.version:
        return last_part(parameter.made_by) in EMPTY and _filled_once(run, parameter)
    return parameter.made_by in RANDOM or _scaled(run, parameter)


def _scaled(run: Run, parameter: Parameter) -> bool:
    """Whether it was made of random numbers by nothing but factors: `torch.randn(n, n) / math.sqrt(n)`."""
    for scene in run.scenes if last_part(parameter.made_by) in SCALINGS else ():
        value = scene.first_values.get(parameter.tensor)
        while value is not None:
            call = scene.producer[value]
            if scene.call(call).function in RANDOM:
                return True
            came = scene.inputs[call] if scene.name(call) in SCALINGS else ()
            value = came[0] if len(came) == 1 else None
    return False


def _filled_once(run: Run, parameter: Parameter) -> bool:
    """Whether it was only ever written where random numbers were put into it, as `nn.init` does."""
    for scene in run.scenes:
        values = (value for value, one in enumerate(scene.tensor) if one == parameter.tensor)
        writes = [call for call in map(scene.producer.__getitem__, values) if scene.kind[call] == Kind.WRITE]
        if len(writes) == parameter.version and scene.name(writes[0]) in FILLS:
            return len({scene.trace.site[call] for call in writes}) == 1
    return False


def _own(run: Run, parameter: Parameter) -> bool:
    """Whether it was made in the class of a module, or for an attribute that it was put into right there."""
    site = run.owners.made(parameter.tensor)
    if site is None:
        return False
    kinds = {module.kind for scene in run.scenes for module in scene.snapshot.modules}
    return made_in(run.words, site, kinds) or "." in run.words.target(site)


def _mixed(run: Run, tensor: int) -> tuple[Flow, list[int]] | None:
    """The calls in which what is computed from it meets, on the way to a loss, values that descend from what
    learns, in the first flow that has some."""
    for scene, window in run.history.windows:
        flow = run.flow(scene, run.roots(scene, window.backwards))
        pending = [v for v, one in enumerate(scene.tensor) if one == tensor and flow.within[v]]
        seen, found = set(pending), list[int]()
        while pending:
            for call in flow.consumers.of(pending.pop()):
                live = any(scene.grad[value] and not scene.leaf[value] for value in scene.inputs[call])
                if live and scene.kind[call] != Kind.FUNCTION:  # it may be for the backward of that alone
                    found.append(call)
                for made in () if live else flow.made_by(call):
                    if made not in seen and not scene.grad[made]:
                        seen.add(made)
                        pending.append(made)
        if found:
            return flow, found
    return None
