"""What a module computes with and keeps where `parameters()` doesn't look."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import dropwhile

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.unoptimized import bare, called, derived_by, enclosed, in_training, lasting
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import Parameter, Role
from gradtui.model.source import Site
from gradtui.model.torch_functions import last_part

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
