"""Parameters that get gradients and belong to no optimizer: built too late, replaced, or forgotten."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.definitions import iterator_of
from gradtui.diagnosis.explanations.replaced_parameters import made_of, put_in_place, remade
from gradtui.diagnosis.factors import factors
from gradtui.diagnosis.freezing import left_to_a_library, thawed, thawed_at
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed, stay
from gradtui.diagnosis.source_text import places_set
from gradtui.diagnosis.unoptimized import (
    bare,
    called,
    derived_by,
    enclosed,
    hidden_by,
    in_training,
    lasting,
    left_behind,
    loaded,
    loose,
)
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Optimizer, Parameter, Role
from gradtui.model.source import Site
from gradtui.model.unseen import IN_ANOTHER_THREAD

Key = TypeVar("Key", str, tuple[str, ...])
PLACES = 4
"""Lines that are told of as those at which parameters were made: a model is often built at two or three, and
what names every layer's line hides that of the optimizer."""


@dataclass(frozen=True, slots=True)
class Succession:
    """Tensors that an optimizer holds and no loss uses any more, and what stands in their place."""

    number: int
    """Which optimizer it is."""
    optimizer: Optimizer
    built: Site
    pairs: list[tuple[Lost, Parameter]]
    """What it holds, each with what is used instead."""
    held: list[str]
    """Names of what it holds, each once; empty for one without a name."""
    fresh: list[Parameter]
    """What is used instead, each once."""
    whole: bool
    """Whether that is another model, and not one tensor or a few."""
    anew: list[Parameter]
    """Those of `fresh` that are made anew for each step."""
    filled: list[Parameter]
    """Those of `fresh` that a module's `forward` has put there."""
    apart: bool
    """Whether one line has made both what it holds and what is used, as when both are copied or loaded."""
    place: Site | None
    """Where the first of `fresh` was made that the optimizer can hardly have been given, if that is known."""

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.fresh]

    @property
    def nameless(self) -> bool:
        """Whether nothing of `fresh` has a name to be called by, but the place where it was made."""
        return self.place is not None and not any(one.names for one in self.fresh)

    @property
    def named_by_the_old(self) -> bool:
        """Whether it is told by the names of what the optimizer holds."""
        return self.nameless and all(self.held)


def replaced(run: Run) -> Iterator[Finding]:
    """An optimizer that holds what no loss uses any more, beside others of the same sort that it doesn't
    hold."""
    if not run.history.judgements:
        return
    used, known = run.used_directly, run.owners.parameters
    # A frozen one gets none wherever it stands, and may be used all the same.
    dead = [
        one
        for one in run.history.lost
        if one.state is GradState.NONE and one.tensor in known and known[one.tensor].requires_grad
    ]
    for number, optimizer in enumerate(run.owners.optimizers):
        mine = [one for one in dead if one.tensor in optimizer.tensors]
        mine = [one for one in mine if one.late or one.tensor not in used]
        pairs = _succeeded(run, mine, run.once(loose), run.once(lasting))
        whole = _is_another_model(run, pairs)
        late = [pair for pair in pairs if not whole and remade(run, number, *pair)]
        if late:
            yield put_in_place(run, optimizer, late)
            pairs = [pair for pair in pairs if pair not in late]
        # One that was copied or loaded was built nowhere in the program: then where its tensors were made.
        built = run.owners.optimizer_made(number) or (run.owners.made(pairs[0][0].tensor) if pairs else None)
        if pairs and built is not None:
            yield _told(run, _succession(run, number, built, pairs, whole=whole))


def _succession(
    run: Run, number: int, built: Site, pairs: list[tuple[Lost, Parameter]], *, whole: bool
) -> Succession:
    fresh = list({new.tensor: new for _, new in pairs}.values())
    kept = run.once(lasting)
    anew = [] if whole else [one for one in fresh if one not in kept]
    filled = [] if whole else [one for one in fresh if _put_by_forward(run, one)]
    rebuilt = next((one for one in fresh if one.role is Role.LEAF or one in anew or one in filled), None)
    return Succession(
        number,
        run.owners.optimizers[number],
        built,
        pairs,
        held=list(dict.fromkeys(run.owners.name(old.tensor) for old, _ in pairs)),
        fresh=fresh,
        whole=whole,
        anew=anew,
        filled=filled,
        apart=all(_made_together(run, new, run.owners.parameters[old.tensor]) for old, new in pairs),
        place=run.owners.made(rebuilt.tensor) if rebuilt else None,
    )


def _told(run: Run, its: Succession) -> Finding:
    assigned = next(filter(None, (_assigned(run, one) for one in its.fresh)), None)
    rule, site = (Rule.REBUILT_LEAF, assigned) if assigned is not None else _to_blame(run, its)
    shown = its.fresh[:1] if its.nameless else its.fresh
    return run.finding(
        at(rule, site, _mended(run, its, assigned=assigned is not None)),
        Severity.ERROR,
        _said(its),
        affected=its.held if its.named_by_the_old else its.names,
        tensors=[*(old.tensor for old, _ in its.pairs), *(one.tensor for one in its.fresh)],
        evidence=[*_built(run, its.number, site), *_made(run, shown, site)],
        stop=min(old.stop for old, _ in its.pairs),
    )


def _to_blame(run: Run, its: Succession) -> tuple[Rule, Site]:
    """The line that made other tensors, or the one that built the optimizer, where that could have been given
    them."""
    older = all(one.made_order < its.optimizer.made_order for one in its.fresh)
    if its.place is not None and not (its.nameless and older):
        return Rule.REBUILT_LEAF, its.place
    return Rule.OPTIMIZER_MISMATCH, built_too_early(run, its.number, its.fresh) or its.built


def _mended(run: Run, its: Succession, *, assigned: bool) -> str:
    """What to do about it."""
    name = its.optimizer.name
    if its.named_by_the_old and its.place is not None:
        return f"Give `{name}` the tensors that are made at {its.place.place}."
    if its.filled or (its.anew and _by_value(run, its.anew[0])):
        first = (its.anew or its.filled)[0]
        written = first.name
        if _of_nothing(run, first):
            return f"Make `{written}` once, in `__init__`, and leave it as it is afterwards."
        return f"Write the new values into `{written}` in place, by `copy_` under `torch.no_grad()`."
    if its.anew:
        return "Compute with the new values themselves, for example by `torch.func.functional_call`."
    if assigned:
        return f"Leave out `assign=True`, or build `{name}` anew after this."
    if its.apart:
        return (
            f"Copy the model and `{name}` in one go, in one dict or by one `deepcopy`, so that they go on "
            f"sharing their tensors; or build `{name}` anew for the copy."
        )
    if its.whole:
        return (
            f"Load the values into the model that `{name}` was built for, by "
            f"`load_state_dict`, or build `{name}` for each new one."
        )
    return f"Build `{name}` after the model has its final parameters, or build it anew here."


def _said(its: Succession) -> str:
    if its.named_by_the_old and its.place is not None:
        return _used_by_value(its, its.place)
    if its.apart and not any(its.held) and not its.anew and not its.filled:
        return _copied_apart(its)
    if all(its.held) and not set(its.held) & set(its.names):
        return _others_in_their_place(its)
    return _made_anew(its) if its.anew else _replaced_since(its)


def _used_by_value(its: Succession, place: Site) -> str:
    return (
        f"`{its.optimizer.name}` holds {listed(its.held)}, which no loss uses but by value. What was made of "
        f"them at {place.place} gets the gradients, and no optimizer holds it."
    )


def _others_in_their_place(its: Succession) -> str:
    stand = "stands" if len(its.names) == 1 else "stand"
    return (
        f"`{its.optimizer.name}` holds {listed(its.held)}, which no loss uses. {listed(its.names)} {stand} "
        "in their place, with gradients that no optimizer uses."
    )


def _copied_apart(its: Succession) -> str:
    return (
        f"`{its.optimizer.name}` holds copies of {listed(its.names)}, which were made here apart from those "
        "that the model has: the model gets the gradients, and the optimizer steps on tensors that no loss "
        "uses."
    )


def _made_anew(its: Succession) -> str:
    return (
        f"{listed(its.names)} {'is' if len(its.names) == 1 else 'are'} made anew here, time and again: "
        f"the gradient goes to a tensor that `{its.optimizer.name}` does not hold, and what it holds "
        "gets none."
    )


def _replaced_since(its: Succession) -> str:
    return (
        f"`{its.optimizer.name}` still holds the tensors that {listed(its.names)} had when it was built. "
        "They were replaced since: the new ones get gradients that no optimizer uses, and the old "
        "ones get none."
    )


def _assigned(run: Run, parameter: Parameter) -> Site | None:
    """Where a state dict was loaded that a parameter came from, and not only its values."""
    made = run.owners.made(parameter.tensor)
    loads = made is not None and run.words.call_name(made) == "load_state_dict"
    return made if made is not None and loads and "assign" in run.words.keywords(made) else None


def built_too_early(run: Run, number: int, fresh: list[Parameter]) -> Site | None:
    """Where an optimizer was built, as seen from the function that has had these made later: a function may
    have built it for that one, and there the two stand in the wrong order. None where that isn't so."""
    stack = run.owners.optimizer_stack(number)
    later = {(site.file, site.function) for one in fresh[:1] for site in run.making(one.tensor)}
    for site in stack:
        if (site.file, site.function) in later:
            return site
        if not run.words.gives_away(site):
            break
    return None


def _built(run: Run, number: int, named: Site) -> Iterator[Evidence]:
    """Where an optimizer is built, if that isn't the place that is named, but in what is called there."""
    site = run.owners.optimizer_made(number)
    if site is not None and named != site and named in run.owners.optimizer_stack(number):
        yield Evidence(site.file, site.line, f"`{run.owners.optimizers[number].name}` is built here")


def _is_another_model(run: Run, pairs: list[tuple[Lost, Parameter]]) -> bool:
    """Whether the model that an optimizer trained is left for another one that was loaded or copied, and not
    one tensor for another that a line puts there."""
    places = {run.owners.made(fresh.tensor) for _, fresh in pairs}
    return (
        all(fresh.role is Role.PARAMETER for _, fresh in pairs)
        and all(old.late or not made_of(run, fresh, old.tensor) for old, fresh in pairs)
        and len({fresh.name for _, fresh in pairs}) > len(places)
        and not any(place is None or run.words.call_name(place) == "Parameter" for place in places)
    )


def _put_by_forward(run: Run, parameter: Parameter) -> bool:
    """Whether a module's `forward` puts a new Parameter in the place of the one that the module was built
    with: no optimizer could be built after it."""
    site = run.owners.made(parameter.tensor)
    made = site is not None and run.words.call_name(site) == "Parameter"
    return made and parameter.role is Role.PARAMETER and run.made_in_forward(parameter.tensor)


def _by_value(run: Run, parameter: Parameter) -> bool:
    """Whether a parameter was made of what had no graph to lose."""
    return any(
        given and not any(scene.grad[value] for value in given) for scene, given in run.given_for(parameter)
    )


def _of_nothing(run: Run, parameter: Parameter) -> bool:
    """Whether a parameter was made of what was drawn or written out there, and of no tensor before."""
    given = [(scene, value) for scene, values in run.given_for(parameter) for value in values]
    return bool(given) and not any(
        run.flow(scene, [value]).within[source]
        for scene, value in given
        for source, maker in enumerate(scene.producer)
        if maker == NONE
    )


def _succeeded(
    run: Run, dead: list[Lost], free: list[Parameter], stay: list[Parameter]
) -> list[tuple[Lost, Parameter]]:
    """Each of these with the loose parameter that stands in its place now, where there is one."""
    pairs: list[tuple[Lost, Parameter]] = []
    fleeting = [new for new in free if new not in stay]
    for one in dead:
        taken = {new.tensor for _, new in pairs}
        left = [new for new in stay if new.tensor not in taken]
        new = _successor(run, one.tensor, free, fleeting, left or stay)
        new = new or run.once(_copies).get(one.tensor)
        if new is not None:
            pairs.append((one, new))
    return pairs


def _copies(run: Run) -> dict[int, Parameter]:
    """By tensor the lasting loose leaf that its values were put into, as `stack_module_state` does."""
    found: dict[int, Parameter] = {}
    for one in run.once(lasting):
        for scene in run.scenes:
            filled = [value for value in scene.values_of((one.tensor,)) if scene.leaf[value]][:1]
            for tensor in run.flow(scene, filled).masks:
                found.setdefault(tensor, one)
    return found


def _successor(
    run: Run, tensor: int, free: list[Parameter], fleeting: list[Parameter], stay: list[Parameter]
) -> Parameter | None:
    """The loose parameter that stands where this one stood: of its name, or of its shape and made later."""
    old, name = run.owners.parameters[tensor], run.owners.name(tensor)
    for one in free:
        if one.role is not Role.ATTRIBUTE and name and one.name == name:
            return one
    for one in fleeting:
        # Registered in a module where the old one isn't any more: made anew each time, it may not last.
        if not old.names and one.role is Role.PARAMETER and one.shape == old.shape:
            return one
    for one in stay:
        same, later = one.shape == old.shape, one.made_order > old.made_order
        if later and (same or (not old.names and one.role is Role.PARAMETER)):
            return one
        if same and not old.names and one.role is Role.PARAMETER and _made_together(run, one, old):
            return one  # a model and its optimizer were copied, or loaded, apart from each other
    return None


def _made_together(run: Run, one: Parameter, other: Parameter) -> bool:
    """Whether one line has made both."""
    places = [run.owners.made(each.tensor) for each in (one, other)]
    return places[0] is not None and places[0] == places[1]


def _made(run: Run, parameters: list[Parameter], named: Site) -> Iterator[Evidence]:
    """Where these were made, if that isn't the place that is named: one sentence a line."""
    places: dict[tuple[str, int], list[str]] = {}
    for one in parameters:
        site = run.owners.made(one.tensor)
        if site is not None:
            places.setdefault((site.file, site.line), []).append(called(run, one))
    places.pop((named.file, named.line), None)
    for (file, line), names in [*places.items()][:PLACES]:
        yield Evidence(file, line, f"{listed(names)} {'was' if len(names) == 1 else 'were'} made here")


def forgotten(run: Run) -> Iterator[Finding]:
    """Parameters that get gradients and were never given to an optimizer, and that belong to a model in
    training or to no model."""
    if not run.history.judgements or IN_ANOTHER_THREAD in run.last.snapshot.unseen:
        return  # what other threads do with the gradients of such isn't known
    free = [one for one in run.once(_free) if one.name not in run.once(_replacing)]
    for number, theirs in _by_optimizer(run, free).items():
        site = run.owners.optimizer_made(number)
        if site is not None:
            yield from _left_out(run, number, site, theirs)


def _left_out(run: Run, number: int, site: Site, free: list[Parameter]) -> Iterator[Finding]:
    """What an optimizer should hold, and doesn't: these, and what its groups were to be given."""
    optimizer = run.owners.optimizers[number]
    hollow = [place for place, group in enumerate(optimizer.groups) if not group.tensors]
    used_up = iterator_of(run.words, site, hollow[0]) if hollow else []
    # A group for biases may be empty by design; not one of an iterator, or of what was to be thawed.
    behind = left_behind(run, number) if hollow else []
    behind = [one for one in behind if used_up or one.tensor in run.once(thawed)]
    since = [max(one.made_order, thawed_at(run, one.tensor)) for one in free]
    since += [optimizer.made_order for _ in behind]
    free += behind
    if not free:
        return
    names = [called(run, one) for one in free]
    younger = [one for one in free if one.made_order > optimizer.made_order]
    later = [called(run, one) for one in younger]
    if later:
        site = built_too_early(run, number, younger) or site
        what = f"{listed(later)} came into being after `{optimizer.name}` was built here"
        fix = (
            f"Build `{optimizer.name}` after the model has all its layers, or give them to `add_param_group`."
        )
    elif min(since) > optimizer.made_order:
        what = f"`{optimizer.name}` is built here without {listed(names)}, frozen then and thawed later"
        fix = f"Give what is thawed to `{optimizer.name}.add_param_group`, or hold it from the beginning."
    else:
        what = f"`{optimizer.name}` is built here without {listed(names)}"
        fix = f"Give `{optimizer.name}` all parameters that should learn, or freeze those that should not."
    if hollow and not later:
        what = f"Group {hollow[0]} of `{optimizer.name}` is empty, and it is built without {listed(names)}"
        fix = (
            "Make a list of what the group is given: an iterator, such as `filter(...)` or `parameters()`, "
            "gives everything once, and a choice by `requires_grad` leaves out what is frozen as yet."
        )
    one_only = len(names) == 1
    message = (
        f"{what}: {'it' if one_only else 'they'} {get(names)} gradients that no optimizer uses, and "
        f"{stay(names)}."
    )
    yield run.finding(
        at(Rule.OPTIMIZER_MISMATCH, site, fix),
        Severity.ERROR if hollow and not later else Severity.WARNING,
        message,
        affected=names,
        tensors=[one.tensor for one in free],
        evidence=[
            *_built(run, number, site),
            *(used_up if not later else ()),
            *_thawing(run, free),
            *_made(run, free, site),
        ],
        stop=1 + _backwards_before(run, min(since)),
    )


def _thawing(run: Run, free: list[Parameter]) -> Iterator[Evidence]:
    """Where what was frozen was thawed."""
    thawing = next((run.once(thawed)[one.tensor] for one in free if one.tensor in run.once(thawed)), None)
    if thawing is not None:
        yield thawing[0].evidence(thawing[1], "this lets it require grad again")


def _free(run: Run) -> list[Parameter]:
    """Those that get gradients, time and again, and that an optimizer could have been given."""
    return [
        one
        for one in run.once(lasting)
        if (_trained_in_a_module(run, one) or _at_hand(run, one) or one.tensor in run.once(factors))
        and not _learnt_before(run, one)
        and one.tensor not in run.once(derived_by)
        and one.tensor not in run.once(left_to_a_library)
    ]


def _trained_in_a_module(run: Run, parameter: Parameter) -> bool:
    """Whether it belongs to a module that is trained, and that lists it."""
    return parameter.role is Role.PARAMETER and run.registered(parameter) and in_training(run, parameter)


def _at_hand(run: Run, parameter: Parameter) -> bool:
    """Whether it belongs to no module, and the program has it where it builds optimizers."""
    return (
        bare(parameter)
        and not hidden_by(run, parameter)
        and not enclosed(run, parameter)
        and not run.made_in_forward(parameter.tensor)
    )


def _learnt_before(run: Run, parameter: Parameter) -> bool:
    """Whether its values were loaded, and nothing thawed it to learn on."""
    return parameter.tensor in run.once(loaded) and parameter.tensor not in run.once(thawed)


def of_another(run: Run) -> Iterator[Finding]:
    """An optimizer that was given the wrong one of two networks with equal shapes: nothing that it holds gets
    a gradient, and the other network gets gradients that no optimizer uses."""
    if not run.history.judgements:
        return
    dead = {one.tensor for one in run.history.lost if one.state is GradState.NONE and not one.late}
    known, free = run.owners.parameters, run.once(_free)
    for number, optimizer in enumerate(run.owners.optimizers):
        site, held = run.owners.optimizer_made(number), sorted(optimizer.tensors)
        if site is None or not held or not dead.issuperset(held) or not known.keys() >= optimizer.tensors:
            continue
        if sorted(known[tensor].shape for tensor in held) != sorted(one.shape for one in free):
            continue
        if all(one.made_order > optimizer.made_order for one in free):
            site = built_too_early(run, number, free) or site
        names, theirs = [one.name for one in free], [run.owners.called(tensor) for tensor in held]
        whose = "another network of the same form" if set(names) == set(theirs) else listed(theirs)
        fix = f"Give `{optimizer.name}` the parameters of the network that the loss is computed by."
        yield run.finding(
            at(Rule.OPTIMIZER_MISMATCH, site, fix),
            Severity.ERROR,
            f"`{optimizer.name}` is given {whose} here, and none of that gets a gradient. {listed(names)} "
            f"{get(names)} gradients that no optimizer uses, and {stay(names)}.",
            affected=names,
            tensors=[*held, *(one.tensor for one in free)],
            evidence=[*_built(run, number, site), *_made(run, free, site)],
        )


def _replacing(run: Run) -> frozenset[str]:
    """Names of what stands in the place of something that an optimizer still holds, of which that is told."""
    return frozenset(name for finding in replaced(run) for name in finding.affected)


def emptied(run: Run) -> Iterator[Finding]:
    """An optimizer that is built again and finds one of its groups empty: it was given an iterator, which the
    first of them has used up."""
    before: dict[tuple[Site, int], frozenset[int]] = {}
    for number, optimizer in enumerate(run.owners.optimizers):
        site = run.owners.optimizer_made(number)
        if site is None:
            continue
        for place, group in enumerate(optimizer.groups):
            if group.tensors:
                before[site, place] = frozenset(group.tensors)
            elif optimizer.steps and (site, place) in before:
                missing = sorted(before.pop((site, place)) - optimizer.tensors)
                known = run.owners.parameters
                frozen = all(one in known and not known[one].requires_grad for one in missing)
                if not frozen:  # else it was given what is trained in its phase
                    yield _emptied(run, optimizer, site, place, missing)


def _emptied(run: Run, optimizer: Optimizer, site: Site, group: int, missing: list[int]) -> Finding:
    names = [run.owners.called(tensor) for tensor in missing]
    cause = at(
        Rule.OPTIMIZER_MISMATCH,
        site,
        "Make a list of what the group is given: an iterator, such as `filter(...)` or `parameters()`, gives "
        "everything once.",
    )
    message = (
        f"`{optimizer.name}` is built here anew with an empty group, where the one before it held "
        f"{listed(names)}: no optimizer moves {'it' if len(names) == 1 else 'them'} any more."
    )
    return run.finding(
        cause,
        Severity.WARNING,
        message,
        affected=names,
        tensors=missing,
        evidence=iterator_of(run.words, site, group),
        stop=1 + _backwards_before(run, optimizer.made_order),
    )


def used_up(run: Run) -> Iterator[Finding]:
    """An optimizer whose group was given a generator in the place of its list: who goes through it first, as
    `zero_grad` does, leaves nothing for `step`."""
    for number, optimizer in enumerate(run.owners.optimizers):
        made = run.owners.optimizer_made(number)
        if not optimizer.spent or not optimizer.tensors or made is None:
            continue
        places = places_set(run.words, made, "params")
        names = [run.owners.called(tensor) for tensor in sorted(optimizer.tensors)]
        cause = at(
            Rule.OPTIMIZER_MISMATCH,
            places[0] if len(places) == 1 else made,
            "Give the group a list, as in `list(model.parameters())`, or build the optimizer anew.",
        )
        steps = f"{optimizer.spent} of its {optimizer.steps} steps"
        message = (
            f"A group of `{optimizer.name}` has a generator in the place of a list, which gives its "
            f"parameters once. At {steps} nothing was left of it: {listed(names)} {get(names)} gradients "
            f"and {stay(names)}."
        )
        since = optimizer.steps - optimizer.spent
        mine = [one.stop for one in run.history.judgements if one.optimizer == number and one.step > since]
        yield run.finding(
            cause,
            Severity.ERROR,
            message,
            affected=names,
            tensors=sorted(optimizer.tensors),
            stop=min(mine, default=run.backwards),
        )


def _backwards_before(run: Run, order: int) -> int:
    """How many backwards the steps had seen that came before a call."""
    return max((one.stop for one in run.history.judgements if one.order < order), default=0)


def _by_optimizer(run: Run, free: list[Parameter]) -> dict[int, list[Parameter]]:
    """The optimizers that should hold these, each with those that are its own: one that holds only what
    another holds as well, or of those most of whose steps see one reached, or any, that which holds most of
    the same model, or a model of the same class of the user's, or stepped most. Without any of these, the one
    that stepped most stands there with none.
    """
    optimizers = run.owners.optimizers
    stepping = [number for number, one in enumerate(optimizers) if one.steps]
    held = set[int]()
    for number in stepping:
        if held and optimizers[number].tensors <= held:
            return {number: free}
        held |= optimizers[number].tensors
    seen = Counter[tuple[int, int]]()
    windows = Counter[int]()
    for scene, window in run.history.windows if free else ():
        windows[window.optimizer] += 1
        reached = run.flow(scene, run.roots(scene, window.backwards)).reached
        seen.update((window.optimizer, one.tensor) for one in free if one.tensor in reached)
    found: dict[int, list[Parameter]] = {}
    of_model = _shares(run, _model) if free else {}
    of_class = _shares(run, _class) if free else {}
    none = [0] * len(optimizers)
    for one in free:
        times = {number: seen[number, one.tensor] for number in stepping}
        mostly = [number for number in stepping if 2 * times[number] > windows[number]]
        able = mostly or [number for number in stepping if times[number]] or stepping
        theirs, alike = of_model.get(_model(run, one), none), of_class.get(_class(run, one), none)
        if able:
            ranks = [
                (theirs[number], bool(alike[number]), optimizers[number].steps, -number) for number in able
            ]
            found.setdefault(-max(ranks)[-1], []).append(one)
    if not found and stepping:
        found[max(stepping, key=lambda number: optimizers[number].steps)] = []
    return found


def _shares(run: Run, by: Callable[[Run, Parameter], Key]) -> dict[Key, list[int]]:
    """By what parameters have in common: how many of these each optimizer holds."""
    together: dict[Key, set[int]] = {}
    for tensor, one in run.owners.parameters.items():
        if key := by(run, one):
            together.setdefault(key, set()).add(tensor)
    optimizers = run.owners.optimizers
    return {key: [len(members & one.tensors) for one in optimizers] for key, members in together.items()}


def _model(run: Run, parameter: Parameter) -> str:
    """The variable that holds the model that a parameter belongs to; "" for one that belongs to none."""
    chain = next(iter(run.chains(parameter)), ())
    return chain[-1].root if chain else ""


def _class(run: Run, parameter: Parameter) -> tuple[str, ...]:
    """The class of the user's that this model is of, and its file; () where it is a library's."""
    chain = next(iter(run.chains(parameter)), ())
    return (chain[-1].kind, chain[-1].file) if chain and chain[-1].file in run.words.paths else ()
