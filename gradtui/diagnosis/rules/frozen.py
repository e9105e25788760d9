"""Parameters that an optimizer holds and that do not require grad."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from gradtui.diagnosis.aliases import Alias, alias, follows_itself, frozen_name
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.frozen_adapters import as_picked, picked
from gradtui.diagnosis.explanations.frozen_by_default import by_default, own_group
from gradtui.diagnosis.explanations.frozen_for_a_pass import own_pass
from gradtui.diagnosis.explanations.guarded_flag import in_vain
from gradtui.diagnosis.freezing import (
    FLAG_NAMES,
    freezing,
    frozen_again,
    frozen_at,
    hands_over,
    idle_flags,
    inert_flags,
    named_alike,
    names_of,
    reached_by_flags,
    why_idle,
)
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.name_conditions import asks_for_names_alone, asks_for_norms, is_met, rules_out
from gradtui.diagnosis.quoting import code, short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.schedules import by_progress, changes
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.unoptimized import loose
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState, Optimizer, Parameter, Role
from gradtui.model.source import Site

IN_VAIN = "setting the attribute on a module, or misspelling it, changes nothing"
TURN = 2
"""Steps at which a parameter got a gradient, beyond which it was trained, and frozen after that."""


def frozen(run: Run) -> Iterator[Finding]:
    """An optimizer all of whose parameters are frozen while it steps; and flags that change nothing."""
    lost = {one.tensor: one for one in run.history.lost if one.state is GradState.NONE}
    parameters = run.owners.parameters
    for number, optimizer in enumerate(run.owners.optimizers):
        held = [tensor for tensor in optimizer.tensors if tensor in parameters]
        still = [tensor for tensor in held if not parameters[tensor].requires_grad]
        mine = [lost[tensor] for tensor in sorted(still) if tensor in lost]
        if not mine:
            continue
        if idle := [site for site, value in run.once(idle_flags) if value]:
            yield _in_vain(run, mine, idle[0], why_idle(run.words, idle[0]))
        elif len(still) == len(optimizer.tensors) and _judged_last(run, number, still):
            waits = (run.history.goes_on and _is_thawed_later(run, mine)) or _has_done_its_part(run, mine)
            severity = Severity.NOTE if waits else Severity.ERROR
            before, last = _before_the_rest(run, mine)
            yield _wrong_model(run, number, mine) or _finding(run, last, severity, [])
            if before:
                yield _finding(run, before, Severity.NOTE, [])
        elif any(_flagged_in_vain(run, parameters[one.tensor]) for one in mine) and not (
            run.once(_superfluous)
        ):
            flags = inert_flags(run, True)
            yield (
                _in_vain(run, mine, flags[0], "sets an attribute that torch doesn't know")
                if len(flags) == 1
                else _finding(run, mine, Severity.ERROR, flags)
            )
        elif missed := _passed_over(run, number):
            yield _finding(run, mine, Severity.ERROR, missed)
        elif missed := run.once(_for_no_name):
            yield _finding(run, mine, Severity.WARNING, missed)
        else:
            told = [
                *_in_a_group(run, mine, optimizer),
                *_thawed_in_vain(run, mine),
                *_by_default(run, mine),
            ]
            yield from told
            told_of = {tensor for one in told for tensor in one.tensors}
            mine = [one for one in mine if one.tensor not in told_of]
            stuck, others, site = _left_frozen(run, mine, optimizer.tensors)
            if stuck:
                yield _told_apart(run, stuck, others, site)
            apart = [one for one in _picked(run, mine) if one not in stuck]
            if apart:
                yield as_picked(_finding(run, apart, Severity.ERROR, []), optimizer.name)
            rest = [one for one in mine if one not in [*stuck, *apart]]
            for members in _by_place(run, [one for one in rest if one.tensor not in run.once(named_alike)]):
                yield (
                    _by_a_guard(run, members)
                    or _for_a_pass(run, members)
                    or _under_another_name(run, members)
                    or _with_another_module(run, members)
                    or _with_its_average(run, members)
                    or _finding(run, members, Severity.NOTE, [])
                )


def _is_thawed_later(run: Run, lost: list[Lost]) -> bool:
    """Whether a line stands ready to thaw something: one that wasn't reached, or the very line that freezes
    these, where what it is given changes."""
    place = _place(run, lost)
    if run.once(_to_come):
        return True
    if place is None:
        return False
    given = (*run.words.arguments(place), run.words.assigned(place))
    return any(changes(run.words, place, run.files, name) for name in given)


def _has_done_its_part(run: Run, lost: list[Lost]) -> bool:
    """Whether these were trained and are frozen since, as the program says by how far it has come."""
    tensors = [one.tensor for one in lost]
    scene, call = freezing(run, tensors)
    if call == NONE or not all(one.late and _had_its_turn(run, one.tensor) for one in lost):
        return False
    stack = scene.call(call).stack
    return by_progress(run.words, stack) or hands_over(
        run, tensors, tuple(site for site in stack if site.user)
    )


def _picked(run: Run, lost: list[Lost]) -> list[Lost]:
    """Those that the optimizer was given by choice, where no line stands ready to thaw them later."""
    return [] if run.once(_to_come) else picked(run, lost, run.once(frozen_at).values())


def _flagged_in_vain(run: Run, parameter: Parameter) -> bool:
    """Whether a flag was seen on a module around a parameter, or on it under a misspelt name.

    That a line sets one says nothing by itself: it may wait for a later epoch.
    """
    around = (module for chain in run.chains(parameter) for module in chain)
    return bool(parameter.odd_names) or any(module.odd_names for module in around)


def _superfluous(run: Run) -> bool:
    """Whether the flags that change nothing would only freeze something."""
    return bool(inert_flags(run, False)) and not inert_flags(run, True)


def _in_a_group(run: Run, lost: list[Lost], optimizer: Optimizer) -> Iterator[Finding]:
    """Groups that were added to an optimizer to be trained from then on, and consist of what is frozen for
    good: nobody adds one in vain, as a whole model is given to an optimizer that is frozen in part."""
    if run.history.goes_on and _thaws(run):
        return  # layers that are thawed one after the other may be added all at once
    mine = {one.tensor: one for one in lost}
    for group in optimizer.groups if lost else ():
        members = [mine[tensor] for tensor in group.tensors if tensor in mine]
        if group.added and len(members) == len(group.tensors):
            told = _finding(run, members, Severity.ERROR, [])
            does = "does" if len(members) == 1 else "do"
            message = (
                f"{listed(told.affected)} {does} not require grad since this line, and make up a group that "
                f"was added to `{optimizer.name}` all the same: it moves none of them."
            )
            fix = "Let them require grad where the group is added: `.requires_grad_(True)`."
            yield replace(told, message=message, fix=fix)


def _thaws(run: Run) -> bool:
    """Whether the program's text lets anything require grad."""
    return bool(_thawing_calls(run)) or any(
        flag for one in run.files for _, flag in run.words.flags(one, FLAG_NAMES)
    )


def _thawing_calls(run: Run) -> list[Site]:
    return [one for one in run.calls_of("requires_grad_") if run.words.arguments(one) in ([], ["True"])]


def _thawed_in_vain(run: Run, lost: list[Lost]) -> Iterator[Finding]:
    """What was thawed by itself, to be trained, and frozen again together with more, before any step."""
    for members, thawing, freezing_again in frozen_again(run, {one.tensor for one in lost}):
        mine = [one for one in lost if one.tensor in members]
        told = _finding(run, mine, Severity.ERROR, [], freezing_again)
        one = len(mine) == 1
        was, moved = ("was", "it is not moved") if one else ("were", "none of them is moved")
        message = (
            f"{listed(told.affected)} {was} let require grad at {thawing.place}, and frozen again here by "
            f"what doesn't mean {'it' if one else 'them'} alone: {moved} by the optimizer."
        )
        evidence = Evidence(thawing.file, thawing.line, "this was to train them, and is undone")
        fix = "Let them require grad after this line."
        yield replace(told, message=message, fix=fix, evidence=(evidence, *told.evidence))


def _passed_over(run: Run, number: int) -> list[Site]:
    """Lines that were to thaw some of a model above the place where its optimizer is built, and met none: a
    loop whose condition no name fulfils."""
    made = run.owners.optimizer_made(number)
    if made is None:
        return []
    file = run.words.file(made.file)
    scope, found = file.function_at(made.line), []
    names = [name for one in run.owners.parameters.values() for name in one.names]
    for site in inert_flags(run, True):
        if site.file != made.file or site.line >= made.line or file.function_at(site.line) is not scope:
            continue
        statement = file.statement(site)
        around = (
            [one for one in file.up(statement) if isinstance(one, (ast.If, ast.For))] if statement else []
        )
        if (
            around
            and isinstance(around[-1], ast.For)
            and (around[-1].end_lineno or made.line) < made.line
            and asks_for_names_alone(run.words, site)
            and not asks_for_norms(run.words, site)
            and not is_met(run.words, site, names)
        ):
            found.append(site)
    return found


def _for_no_name(run: Run) -> list[Site]:
    """Lines that were to thaw some of a model by their names, of which no parameter has one like that.

    Not where the same function thaws others: what it is for may have no such part every time.
    """
    names = [name for one in run.owners.parameters.values() for name in one.names]
    missed = [
        site
        for site in inert_flags(run, True)
        if rules_out(run.words, site, names) and not asks_for_norms(run.words, site)
    ]
    thawing = {
        run.words.file(site.file).function_at(site.line)
        for like in run.files
        for site, flag in run.words.flags(like, FLAG_NAMES)
        if flag and (site.file, site.line) in run.once(reached_by_flags)
    }
    return [one for one in missed if run.words.file(one.file).function_at(one.line) not in thawing - {None}]


def _by_place(run: Run, lost: list[Lost]) -> Iterator[list[Lost]]:
    """Those that were frozen at one place, and under one name of their module."""
    found: dict[tuple[Site | None, Alias | None], list[Lost]] = {}
    for one in lost:
        found.setdefault((_place(run, [one]), _alias(run, [one])), []).append(one)
    yield from found.values()


def _before_the_rest(run: Run, lost: list[Lost]) -> tuple[list[Lost], list[Lost]]:
    """What was frozen in another function before the last of these were, as what is to be tuned around an
    adapter; and those last ones, without which something would be learnt."""
    found: dict[tuple[str, str], list[Lost]] = {}
    order: dict[tuple[str, str], int] = {}
    for one in lost:
        scene, call = freezing(run, [one.tensor])
        if call == NONE:
            return [], lost
        site = scene.user_site(call)
        key = (site.file, site.function)
        found.setdefault(key, []).append(one)
        order[key] = max(order.get(key, 0), scene.trace.order[call])
    last = found.pop(max(order, key=order.__getitem__))
    return [one for those in found.values() for one in those], last


def _place(run: Run, lost: list[Lost]) -> Site | None:
    scene, call = freezing(run, [one.tensor for one in lost])
    return scene.user_site(call) if call != NONE else None


def _alias(run: Run, lost: list[Lost]) -> Alias | None:
    site = _place(run, lost)
    return alias(run.words, site) if site is not None else None


def _by_default(run: Run, lost: list[Lost]) -> Iterator[Finding]:
    """What is frozen though that is written nowhere in the program."""
    found: dict[Site, list[Lost]] = {}
    for one in lost:
        made = run.owners.made(one.tensor)
        if made is not None and by_default(run.words, made)[0] and _place(run, [one]) is None:
            found.setdefault(made, []).append(one)
    for site, members in found.items():
        why, fix = by_default(run.words, site)
        optimizer = own_group(run, [one.tensor for one in members])
        told = _finding(run, members, Severity.NOTE if optimizer is None else Severity.WARNING, [], site)
        message = told.message
        if optimizer is not None:
            held = f"holds {listed(told.affected)} alone"
            message = f"{why}: the group of `{optimizer.name}` that {held} trains nothing."
        fix += ", if that is to learn; if not, leave it out of the optimizer."
        yield replace(told, message=message, fix=fix)


def _by_a_guard(run: Run, lost: list[Lost]) -> Finding | None:
    """What a line has frozen that is called again to thaw it, and asks whether it requires grad first."""
    place = _place(run, lost)
    calls = in_vain(run, place) if place is not None else []
    if not calls:
        return None
    told = _finding(run, lost, Severity.ERROR, [])
    message = (
        "This line sets the flag only of what requires grad already: it freezes, and thaws nothing again. "
        f"{listed(told.affected)} {get(told.affected)} no gradient since."
    )
    evidence = [Evidence(one.file, one.line, "this was to thaw, and changes nothing") for one in calls]
    fix = "Set the flag whatever it is: leave out the condition."
    return replace(told, message=message, fix=fix, evidence=(*evidence, *told.evidence))


def _for_a_pass(run: Run, lost: list[Lost]) -> Finding | None:
    """What a function froze for a backward of its own, from which it returned without a thaw."""
    probe = own_pass(run, lost)
    if probe is None:
        return None
    told = _finding(run, lost, Severity.WARNING, [])
    message = (
        f"{listed(told.affected)} {'is' if len(lost) == 1 else 'are'} frozen here for the backward at "
        f"{probe.place}, and not thawed when that is done: the training after it leaves "
        f"{'it' if len(lost) == 1 else 'them'} alone."
    )
    evidence = Evidence(probe.file, probe.line, "the backward that it was frozen for")
    fix = "Call `.requires_grad_(True)` where that pass is done, or do it on a `copy.deepcopy` of the model."
    return replace(told, message=message, fix=fix, evidence=(evidence, *told.evidence))


def _under_another_name(run: Run, lost: list[Lost]) -> Finding | None:
    """A module that was meant to be a copy of another one, and is that very module."""
    second = _alias(run, lost)
    if second is None:
        return None
    told = _finding(run, lost, Severity.WARNING, [])
    message = (
        f"`{second.name}` is another name of `{second.first}` and no copy of it, so "
        f"{_for_both(told.affected, 'frozen here')}"
    )
    bound = Evidence(second.bound.file, second.bound.line, "both names are bound to one module here")
    fix = f"Make `{second.name}` a module of its own: `copy.deepcopy({second.first})`."
    return replace(told, message=message, fix=fix, evidence=(bound, *told.evidence))


def _with_another_module(run: Run, lost: list[Lost]) -> Finding | None:
    """A module that two others share, as one of them wasn't copied whole, frozen together with that one.

    That one has parameters of its own, which no optimizer holds, and the other has some that learn.
    """
    tensor = lost[0].tensor
    times = [tensors for tensors in run.once(frozen_at).values() if tensor in tensors]
    # What never learnt was frozen once: that a later line freezes it as well changes nothing.
    times = times[-1:] if tensor in run.history.learning else times[:1]
    together = {one for tensors in times for one in tensors} - run.owners.held.keys()
    apart, learning = names_of(run, together), names_of(run, run.history.learning)
    for module in [module for chain in run.chains(run.owners.parameters[tensor]) for module in chain]:
        paths = (module.name, f"{module.root}.{module.name}", *module.also)
        shared = {path.rpartition(".")[0]: path for path in paths if "." in path}
        first = next((one for one in shared if _below(one, learning)), "")
        other = next((one for one in shared if _below(one, apart)), "")
        if first and other and first != other and _stood(run, lost, first):
            return _shared(run, lost, shared[first], first, other)
    return _with_another_model(run, lost, apart)


def _stood(run: Run, lost: list[Lost], model: str) -> bool:
    """Whether something of a model was there before these were frozen: one that is built around what is
    frozen already means it so."""
    scene, call = freezing(run, [one.tensor for one in lost])
    order = scene.trace.order[call] if call != NONE else 0
    own = [one for one in run.owners.parameters.values() if one.name.startswith(f"{model}.")]
    return any(one.made_order < order for one in own if one.tensor in run.history.learning)


def _with_another_model(run: Run, lost: list[Lost], apart: list[str]) -> Finding | None:
    """The same where the other one is no part of the same model: the line goes through the parameters of one
    by its name, which none of these has."""
    scene, call = freezing(run, [one.tensor for one in lost])
    if call == NONE or any(one.tensor not in run.history.learning for one in lost):
        return None
    other = frozen_name(run.words, scene.user_site(call))
    names = [run.owners.name(one.tensor) for one in lost]
    if not other or not _below(other, apart) or _below(other, names):
        return None
    columns = zip(*(name.split(".")[:-1] for name in names), strict=False)
    shared = [column[0] for column in takewhile(lambda column: len({*column}) == 1, columns)]
    root = next((module.root for module in run.modules_of(run.owners.parameters[lost[0].tensor])), "")
    return _shared(run, lost, ".".join(shared), root, other) if root and shared else None


def _with_its_average(run: Run, lost: list[Lost]) -> Finding | None:
    """A module that is written with its own values, as one is that follows another: both are the same."""
    found = follows_itself(run, {one.tensor for one in lost})
    if found is None:
        return None
    told = _finding(run, lost, Severity.WARNING, [])
    scene, call = found
    site, text = scene.user_site(call), code(scene, call)
    name = frozen_name(run.words, _place(run, lost) or site)
    message = (
        f"`{text}` at {site.place} writes these into themselves: what is to follow and what is to be "
        f"followed are one and the same. {_for_both(told.affected, 'frozen')}"
    )
    fix = f"Give `{name}` parameters of its own, as by `copy.deepcopy`." if name else told.fix
    evidence = scene.evidence(call, f"`{text}` writes each with its own values")
    return replace(told, message=message, fix=fix, evidence=(evidence, *told.evidence))


def _below(path: str, names: list[str]) -> bool:
    return any(name.startswith(f"{path}.") for name in names)


def _shared(run: Run, lost: list[Lost], module: str, first: str, other: str) -> Finding:
    told = _finding(run, lost, Severity.WARNING, [])
    message = (
        f"`{other}` and `{first}` share `{module}`, and `{other}` is frozen here with all that it has. So "
        f"{_for_both(told.affected, 'frozen')}"
    )
    return replace(told, message=message, fix=f"Give `{other}` a copy of its own: `copy.deepcopy({module})`.")


def _for_both(names: Sequence[str], frozen: str) -> str:
    be, it = ("is", "it") if len(names) == 1 else ("are", "them")
    return f"{listed(names)} {be} {frozen} for both: the optimizer that holds {it} leaves {it} alone."


def _left_frozen(
    run: Run, lost: list[Lost], held: frozenset[int]
) -> tuple[list[Lost], set[int], Site | None]:
    """Those that were frozen once along with others of the same optimizer, which are thawed and frozen again:
    as a discriminator is around the generator's loss. With these others, and the line that freezes the first
    where that is another one."""
    stuck, others, sites = set[int](), set[int](), list[Site]()
    frozen_together = run.once(frozen_at)
    again = {
        places: {one for one, count in times.items() if count > 1 and one in run.history.learning} & held
        for places, times in frozen_together.items()
    }
    for places, times in frozen_together.items():
        once = {one for one, count in times.items() if count == 1 and not _had_its_turn(run, one)}
        for there, thawed in again.items() if once else ():
            apart = _beside(run, places, there) if thawed else []
            if thawed and (places == there or apart):
                stuck |= once
                others |= thawed
                sites += apart
    return [one for one in lost if one.tensor in stuck], others, sites[0] if sites else None


def _beside(run: Run, places: tuple[Site, ...], there: tuple[Site, ...]) -> list[Site]:
    """The one line of these that is another one there, if it stands beside that: as when a function is called
    for one model after the other."""
    differing = [(one, other) for one, other in zip(places, there, strict=False) if one != other]
    if len(places) != len(there) or len(differing) != 1:
        return []
    one, other = differing[0]
    file = run.words.file(one.file)
    statements = [file.statement(one), file.statement(other)] if one.file == other.file else []
    around = [file.parents.get(statement) for statement in statements if statement is not None]
    if len(around) < 2 or around[0] is not around[1] or one.line == other.line:
        return []
    given, beside = (run.words.arguments(place)[1:] for place in differing[0])
    # What is told False for good stays as it is, beside what is told by turns.
    return [] if "False" in given and "False" not in beside else [one]


def _had_its_turn(run: Run, tensor: int) -> bool:
    """Whether it was trained for more than a step or two before: the head of an earlier task, for one."""
    alive = sum(state is GradState.PRESENT for state, _ in run.history.states.get(tensor, ()))
    return alive > TURN


def _told_apart(run: Run, lost: list[Lost], others: set[int], site: Site | None) -> Finding:
    told = _finding(run, lost, Severity.ERROR, [], site)
    names = [run.owners.called(tensor) for tensor in sorted(others)]
    one = len(lost) == 1
    message = (
        f"{listed(told.affected)} {'is' if one else 'are'} frozen here together with {listed(names)}. Those "
        f"are thawed again before they step, and {'this one is' if one else 'these are'} not, so "
        f"{'it gets' if one else 'they get'} no gradient."
    )
    return replace(told, message=message)


def _in_vain(run: Run, lost: list[Lost], flag: Site, why: str) -> Finding:
    """On the line that was to thaw these and doesn't, and what it does instead."""
    told = _finding(run, lost, Severity.ERROR, [], flag)
    one = len(told.affected) == 1
    message = (
        f"`{short(run.words.whole(flag))}` thaws nothing, as it {why}: {listed(told.affected)} "
        f"{'does' if one else 'do'} not require grad and {'gets' if one else 'get'} no gradient."
    )
    place = _place(run, lost)
    frozen = (
        [Evidence(place.file, place.line, f"{'it is' if one else 'they are'} frozen here")] if place else []
    )
    return replace(told, message=message, evidence=(*told.evidence, *frozen))


def _wrong_model(run: Run, number: int, lost: list[Lost]) -> Finding | None:
    """An optimizer that was given a frozen model, where another one of the same shapes learns and is held by
    nobody: that one was meant."""
    optimizer, site = run.owners.optimizers[number], run.owners.optimizer_made(number)
    free = [one for one in run.once(loose) if one.role is Role.PARAMETER]
    wanted = Counter(run.owners.parameters[one.tensor].shape for one in lost)
    if site is None or not wanted <= Counter(one.shape for one in free):
        return None
    held, names = [run.owners.called(one.tensor) for one in lost], [one.name for one in free]
    cause = at(
        Rule.OPTIMIZER_MISMATCH, site, f"Give `{optimizer.name}` the parameters that get the gradients."
    )
    message = (
        f"`{optimizer.name}` is given {listed(held)}, which are frozen. {listed(names)} get the gradients, "
        "and no optimizer holds them."
    )
    return run.finding_of(lost, cause, message, [*names, *held])


def _to_come(run: Run) -> list[Site]:
    """Lines that thaw something and haven't reached any tensor yet."""
    unreached = [
        site for site in _thawing_calls(run) if (site.file, site.line) not in run.once(reached_by_flags)
    ]
    return [*unreached, *inert_flags(run, True, frozenset({"requires_grad"}))]


def _judged_last(run: Run, optimizer: int, tensors: list[int]) -> bool:
    """Whether the optimizer went on stepping after everything was frozen."""
    last = [one for one in run.history.judgements if one.optimizer == optimizer][-1:]
    return all(one.states.get(tensor) is GradState.NONE for one in last for tensor in tensors)


def _finding(
    run: Run, lost: list[Lost], severity: Severity, thawing: list[Site], site: Site | None = None
) -> Finding:
    """The finding at this site, or without one at the line that froze these."""
    scene, call = freezing(run, [one.tensor for one in lost])
    names = [scene.owners.called(one.tensor) for one in lost]
    if site is None and call != NONE:
        site = scene.user_site(call)
    elif site is None:
        site = run.owners.made(lost[0].tensor) or scene.trace.sites[0]
    vain = any(_flagged_in_vain(run, p) for one in lost if (p := run.owners.parameters.get(one.tensor)))
    cause = at(
        Rule.FROZEN_LEAF,
        site,
        f"Call `.requires_grad_(True)` on what should learn{'; ' + IN_VAIN if vain else ''}.",
        call=call,
        confidence=Confidence.EXACT if call != NONE else Confidence.LIKELY,
    )
    one = len(names) == 1
    message = (
        f"{listed(names)} {'does' if one else 'do'} not require grad since this line: "
        f"{'its optimizer does not move it' if one else 'their optimizer moves none of them'}."
    )
    if severity is Severity.NOTE:
        message = (
            f"{listed(names)} {'is' if one else 'are'} frozen here and held by an optimizer all the same, "
            f"which leaves {'it' if one else 'them'} alone."
        )
    evidence = [Evidence(one.file, one.line, "this thaws none of them") for one in thawing]
    return run.finding_of(lost, cause, message, names, severity=severity, evidence=evidence)
