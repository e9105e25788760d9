"""What a module computes with and keeps where `parameters()` doesn't look."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.keeping import by_line, how_kept, made_for, plain_class
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.unoptimized import called, derived_by, enclosed, in_training, lasting
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import Parameter, Role
from gradtui.model.source import Site
from gradtui.model.torch_functions import last_part


def in_plain_container(run: Run, parameter: Parameter) -> bool:
    """Whether its module stands in a plain list or dict of another one that is in training."""
    return not run.registered(parameter) and in_training(run, parameter)


def unregistered(run: Run) -> Iterator[Finding]:
    """Leaves that get a gradient, hang on a module or were made for one, and aren't among its parameters."""
    if not run.history.judgements:
        return
    ways = (_hidden, in_plain_container, enclosed)
    parameters = [one for one in run.once(lasting) if any(way(run, one) for way in ways)]
    for site, plain, members in _by_keeper(run, parameters):
        names = [called(run, one) for one in members]
        it = "it" if len(names) == 1 else "them"
        kept, fix = how_kept(members, it, plain)
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


def _by_keeper(run: Run, parameters: list[Parameter]) -> Iterator[tuple[Site, str, list[Parameter]]]:
    """Parameters by line; those that a class keeps which is no module all together, with its name."""
    found: dict[tuple[str, str | int], tuple[Site, str, list[Parameter]]] = {}
    for site, members in by_line(parameters, lambda one: made_for(run, one)).values():
        plain = plain_class(run, members[0])
        found.setdefault((site.file, plain or site.line), (site, plain, []))[2].extend(members)
    yield from found.values()


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


def _optimizers(run: Run) -> Iterator[Evidence]:
    for number, optimizer in enumerate(run.owners.optimizers):
        site = run.owners.optimizer_made(number)
        if site is not None:
            held = len(optimizer.tensors)
            yield Evidence(site.file, site.line, f"`{optimizer.name}` holds {held} tensors, and not these")
