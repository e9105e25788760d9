"""Parameters that an optimizer holds and that no loss was computed from."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import compress

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.keeping import by_line
from gradtui.diagnosis.library_parts import is_idle_in_a_library, is_spare
from gradtui.diagnosis.list_members import (
    learning_by_place,
    places_in_lists,
    siblings,
    takes_turns,
    turn_to_come,
)
from gradtui.diagnosis.quoting import code, short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.source_text import called_name, names_within
from gradtui.diagnosis.unused import copied_elsewhere, storages_of, unused, used_modules, without_gradient
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import Parameter
from gradtui.model.source import Site
from gradtui.model.trace import Kind


@dataclass(frozen=True, slots=True)
class Excuse:
    """Why it may be no fault that parameters are unused."""

    words: str
    """The sentence that says so, after the one about what was found."""
    for_now: bool = False
    """They may well be used yet."""


def never_used(run: Run) -> Iterator[Finding]:
    """Parameters that an optimizer holds and that no loss was computed from."""
    found = run.once(unused)
    seen, missing = found.lost, found.parameters
    yield from _copies(run, found.copied, seen)
    yield from _copied_alone(run)
    for site, members in by_line(missing, _makers(run, missing)).values():
        sure = run.history.ended or not any(siblings(run, one) for one in members)
        last = _last_use(run, members[0].tensor)
        lost = [seen[one.tensor] for one in members]
        steps = max(one.steps for one in lost)
        excuses, it = list(_excuses(run, members, last, steps)), _it(members)
        exact = sure and not any(one.for_now for one in excuses)
        cause = at(
            Rule.UNUSED_PARAMETER,
            site,
            f"Use {it} in `forward` on the way to the loss, or take {it} out of the model.",
            confidence=Confidence.EXACT if exact else Confidence.LIKELY,
        )
        message = _said(members, steps, used=bool(last)) + "".join(one.words for one in excuses)
        severity = Severity.NOTE if excuses else Severity.ERROR if sure else Severity.WARNING
        names, evidence = [one.name for one in members], [*_loops(run, members), *last]
        yield run.finding_of(lost, cause, message, names, severity=severity, evidence=evidence)


def _said(members: list[Parameter], steps: int, *, used: bool) -> str:
    """What was found of parameters; `used` where something is computed from them that no loss takes."""
    names, it, single = [one.name for one in members], _it(members), len(members) == 1
    told = f"what is computed from {it} never enters the loss" if used else f"no loss is computed from {it}"
    return (
        f"{listed(names)} {'is' if single else 'are'} held by an optimizer, but {told}: "
        f"{'it gets' if single else 'they get'} no gradient "
        f"{f'at any of {steps} steps' if steps > 1 else 'at the one step that was made'}."
    )


def _it(members: list[Parameter]) -> str:
    return "it" if len(members) == 1 else "them"


def _excuses(run: Run, members: list[Parameter], last: list[Evidence], steps: int) -> Iterator[Excuse]:
    """Of parameters whose `last` use, if they have any, is told: they are left to a library, or their turn
    may still come."""
    it, turns = _it(members), all(takes_turns(run, one) for one in members)
    if last and all(is_spare(run, one) for one in members):
        yield Excuse(
            " A library's module has computed it along with what is used, as it offers it to others."
        )
    elif all(is_idle_in_a_library(run, one) for one in members):
        yield Excuse(f" A library's module has made {it}, and doesn't use {it} as it is called here.")
    if twin := _twin(run, members):
        yield Excuse(f" Another `{twin}` uses its own, so that is chosen, by the look of it.")
    later = _to_come(run, members) if run.history.goes_on and not last and not turns else None
    if later is not None:
        text = short(run.words.expression(later))
        so_far = f" So far: the program goes on, and `{text}` at {later.place} hasn't run yet."
        yield Excuse(so_far, for_now=True)
    elif turn := turn_to_come(run, members, steps):
        yield Excuse(f" {turn}", for_now=True)


def _twin(run: Run, members: list[Parameter]) -> str:
    """The class of a model, trained by parts, of which another one with an optimizer of its own uses these
    parts as well: an option has them left out."""
    holders = {number for one in members for number in _holders(run, one.tensor)}
    if any(run.used.isdisjoint(run.owners.optimizers[number].tensors) for number in holders):
        return ""
    kinds = [
        {
            place[0]
            for place in _places(run, one)
            for tensor in run.once(_used_at).get(place, ())
            if holders.isdisjoint(_holders(run, tensor)) and _holders(run, tensor)
        }
        for one in members
    ]
    return min(set.intersection(*kinds), default="")


def _holders(run: Run, tensor: int) -> list[int]:
    return [number for number, one in enumerate(run.owners.optimizers) if tensor in one.tensors]


def _used_at(run: Run) -> dict[tuple[str, str], list[int]]:
    """By the class of a model and the path of a parameter in it, those that losses use."""
    used: dict[tuple[str, str], list[int]] = {}
    for tensor in sorted(run.used & run.owners.parameters.keys()):
        for place in _places(run, run.owners.parameters[tensor]):
            used.setdefault(place, []).append(tensor)
    return used


def _places(run: Run, parameter: Parameter) -> set[tuple[str, str]]:
    """The class of each model of the user's that a parameter is in, with its path there."""
    last = parameter.name.rpartition(".")[2]
    return {
        (chain[-1].kind, f"{chain[0].name}.{last}")
        for chain in run.chains(parameter)
        if len(chain) > 1 and run.of_user(chain[-1])
    }


def _makers(run: Run, missing: list[Parameter]) -> Callable[[Parameter], Site | None]:
    """Where each of these was made: the innermost line that made nothing that learns.

    What makes layers for several parts of a model is one line for all of them; the part that isn't used is
    made by a line around it. Of a list of modules each is made by the same lines: of one that isn't used at
    all it is the innermost that made all of it.
    """
    unused = {one.tensor for one in missing}
    others = {
        (site.file, site.line)
        for tensor in (run.used - unused if missing else ())
        if tensor in run.owners.parameters
        for site in run.making(tensor)
    }

    shared: dict[str, set[Site]] = {}

    def made(parameter: Parameter) -> Site | None:
        making = run.making(parameter.tensor)
        alone = next((site for site in making if (site.file, site.line) not in others), None)
        member = _idle_member(run, parameter)
        if alone is not None or not member:
            return alone or run.owners.made(parameter.tensor)
        if member not in shared:
            parts = [one for one in missing if one.name.startswith(f"{member}.")]
            shared[member] = set.intersection(*({*run.making(one.tensor)} for one in parts))
        return next((site for site in making if site in shared[member]), run.owners.made(parameter.tensor))

    return made


def _idle_member(run: Run, parameter: Parameter) -> str:
    """The member of a list of modules that a parameter is of and of which nothing is used, where others of
    the list learn; empty where there is none."""
    learning, used = run.once(learning_by_place), run.once(used_modules)
    parts = parameter.name.split(".")
    for place in places_in_lists(parameter.name) if parameter.name else ():
        member = ".".join(parts[: len(place[0]) + 1])
        if learning.get(place) and member not in used:
            return member
    return ""


def _loops(run: Run, members: list[Parameter]) -> list[Evidence]:
    """The loops that call modules of a list, one after the other, and end before they come to these."""
    idle = sorted({member for one in members if (member := _idle_member(run, one))})
    found = []
    for path in run.words.paths if idle else ():
        file = run.words.file(path)
        for node in file.every(ast.For):
            if _calls(node, idle[0].split(".")[-2]):
                text = short(file.source(node.iter))
                found.append(
                    Evidence(path, node.lineno, f"the loop over `{text}` never comes to {listed(idle)}")
                )
    return found


def _calls(loop: ast.For, name: str) -> bool:
    """Whether a loop goes over something of this name and calls what it comes to."""
    targets = names_within(loop.target)
    if not any(name == getattr(one, "attr", getattr(one, "id", "")) for one in ast.walk(loop.iter)):
        return False
    called = [one.func for one in ast.walk(loop) if isinstance(one, ast.Call)]
    return any(isinstance(one, ast.Name) and one.id in targets for one in called)


def _to_come(run: Run, members: list[Parameter]) -> Site | None:
    """Where the text calls a module of all of these, of which nothing was used: that call is yet to run."""
    used = [run.owners.name(tensor).split(".") for tensor in run.used]
    modules = [one.name.split(".")[:-1] for one in members]
    shared = [len({*column}) == 1 for column in zip(*modules, strict=False)]
    for depth in range(shared.index(False) if False in shared else len(shared)):
        prefix = modules[0][: depth + 1]
        if not any(name[: depth + 1] == prefix for name in used):
            return run.once(_first_calls).get(prefix[-1])
    return None


def _first_calls(run: Run) -> dict[str, Site]:
    """By name, the first place at which something of it is called: `self.head(x)`."""
    found: dict[str, Site] = {}
    for path in run.words.paths:
        for node in run.words.file(path).every(ast.Call):
            if called_name(node) not in found:
                found[called_name(node)] = run.words.site(replace(run.last.trace.sites[0], file=path), node)
    return found


def _copied_alone(run: Run) -> Iterator[Finding]:
    """What had a gradient while the loss had another term, and reaches it only by copied values since."""
    late = without_gradient(run, late=True)
    yield from _copies(run, copied_elsewhere(run, {*late}, late), late)


def _copies(run: Run, copied: dict[int, tuple[Scene, int]], seen: dict[int, Lost]) -> Iterator[Finding]:
    """What reaches the loss only as values that are copied into another tensor's memory."""
    by_call: dict[tuple[int, int], list[Parameter]] = {}
    storages: dict[int, set[int]] = {}
    for one in (run.owners.parameters[tensor] for tensor in seen if tensor in copied):
        scene, call = copied[one.tensor]
        by_call.setdefault((id(scene), call), []).append(one)
    for group in by_call.values():
        scene, call = copied[group[0].tensor]
        names = [one.name for one in group]
        if id(scene) not in storages:
            storages[id(scene)] = storages_of(scene, scene.parameters)
        owned = scene.trace.storage[scene.trace.inputs[call][0]] in storages[id(scene)]
        cause = at(
            Rule.VALUES_COPIED if owned else Rule.DATA_ATTR,
            scene.user_site(call),
            "Use the computed tensor itself on the way to the loss, for example with "
            "`torch.func.functional_call`.",
            call=call,
        )
        message = (
            f"`{code(scene, call)}` copies values alone and leaves the graph behind, so {listed(names)} "
            f"{get(names)} no gradient, though the loss is computed with those values."
        )
        yield run.finding_of([seen[one.tensor] for one in group], cause, message, names)


def _last_use(run: Run, tensor: int) -> list[Evidence]:
    use = run.once(_last_uses).get(tensor)
    if use is None:
        return []
    scene, call = use
    return [scene.evidence(call, f"`{code(scene, call)}` uses it, and no loss uses the result")]


def _last_uses(run: Run) -> dict[int, tuple[Scene, int]]:
    """By tensor that is unused, the last call that computed something from it that a loss could take."""
    wanted = {one.tensor for one in run.once(unused).parameters}
    found: dict[int, tuple[Scene, int]] = {}
    for scene in reversed(run.scenes):
        values = compress(range(len(scene.tensor)), map((wanted - found.keys()).__contains__, scene.tensor))
        uses: dict[int, int] = {}
        for call in scene.given(frozenset(values)):
            if scene.kind[call] == Kind.OP and any(scene.grad[value] for value in scene.outputs[call]):
                uses.update((scene.tensor[value], call) for value in scene.inputs[call])
        for tensor in wanted.difference(found).intersection(uses):
            found[tensor] = scene, uses[tensor]
    return found
