"""What hid the parameters from an optimizer that holds none."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.definitions import given_to, gives_once
from gradtui.diagnosis.freezing import freezing, inert_flags
from gradtui.diagnosis.keeping import NAMELESS, by_line, how_kept, kept_as, made_for
from gradtui.diagnosis.name_conditions import met_by_none, rules_out
from gradtui.diagnosis.quoting import code, quoted, short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import Parameter, Role
from gradtui.model.source import Site
from gradtui.model.stops import Raised
from gradtui.model.trace import Kind


def empty_optimizer(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """Why torch raised `optimizer got an empty parameter list`: what hid the parameters, and where."""
    site = scene.raised_site(raised)
    if site is not None:
        yield from nothing_held(run, scene, site)


def nothing_held(run: Run, scene: Scene, site: Site) -> Iterator[Finding]:
    """Where what should have been given went; on the optimizer itself where nothing tells."""
    given = _given(run, site)
    for why in (_gone_through, _frozen, _hidden, _kept_apart, _named_otherwise):
        found = list(why(run, scene, site, given))
        if found:
            yield from found
            return
    text = short(run.words.expression(given[0])) if given else "what it is given"
    fix = "Look at what stands there: what should learn has to be among `parameters()` of its module."
    message = f"`{text}` gives the optimizer no parameter at all."
    yield _told(run, at(Rule.OTHER, site, fix), message, [], site)


def _given(run: Run, site: Site) -> list[Site]:
    """What an optimizer is given where it is built, and what the names in that were bound to before."""
    arguments = [run.words.site(site, one) for one in given_to(run.words, site)]
    names = [name for one in arguments for name in run.words.names_in(one)]
    makers = [maker for name in names for maker in run.words.makers(site, name) if maker.line < site.line]
    return [*arguments, *makers]


def _told(run: Run, cause: causes.Cause, message: str, names: list[str], built: Site) -> Finding:
    seen = []
    if (cause.site.file, cause.site.line) != (built.file, built.line):
        seen = [Evidence(built.file, built.line, "the optimizer is given nothing")]
    return run.finding(cause, Severity.ERROR, message, affected=names, evidence=seen)


def _gone_through(run: Run, _scene: Scene, site: Site, given: list[Site]) -> Iterator[Finding]:
    """An iterator under a name, of which something else has taken all that it gives."""
    file = run.words.file(site.file)
    name = file.node(given[0]) if given else None
    if not isinstance(name, ast.Name) or len(given) < 2:
        return
    made = given[-1]
    if not gives_once(file.node(made) or name):
        return
    scope = file.function_at(site.line)
    uses = [
        node
        for node in file.every(ast.Name)
        if node.id == name.id and isinstance(node.ctx, ast.Load)
        if made.end_line < node.lineno < site.line and file.function_at(node.lineno) is scope
    ]
    if uses:
        before = Evidence(site.file, uses[0].lineno, "it is gone through here")
    elif _in_a_loop_of_its_own(run, site, made):
        before = Evidence(site.file, site.line, "it was gone through here, the last time")
    else:
        return
    cause = at(
        Rule.OPTIMIZER_MISMATCH,
        site,
        f"Make a list of it: `{name.id} = list({short(run.words.expression(made))})`.",
    )
    message = (
        f"`{name.id}` is an iterator, which gives what it has once, and was gone through before: "
        "the optimizer gets nothing of it."
    )
    bound = Evidence(made.file, made.line, "an iterator, and no list")
    yield run.finding(cause, Severity.ERROR, message, evidence=[before, bound])


def _in_a_loop_of_its_own(run: Run, site: Site, made: Site) -> bool:
    """Whether a loop goes round a place and not round another one above it."""
    file = run.words.file(site.file)
    statement = file.statement(site)
    loops = [one for one in file.up(statement) if isinstance(one, (ast.For, ast.While))] if statement else []
    return any(made.line < loop.lineno for loop in loops)


def _frozen(run: Run, scene: Scene, site: Site, given: list[Site]) -> Iterator[Finding]:
    """What still requires grad is asked for, and everything was frozen; as by a library that builds it."""
    if given and not any("requires_grad" in run.words.expression(one) for one in given):
        return
    asked = _asked(run, scene, given)
    still = [one for one in asked if one.role is Role.PARAMETER]
    if not still or any(one.requires_grad for one in still):
        return
    froze, call = freezing(run, [one.tensor for one in still])
    if call == NONE:
        return
    place = froze.user_site(call)
    names = [one.name for one in still]
    cause = at(Rule.FROZEN_LEAF, place, "Call `.requires_grad_(True)` on what should learn.", call=call)
    message = (
        f"{listed(names)} {'does' if len(names) == 1 else 'do'} not require grad since this line, and the "
        "optimizer is given only what does: nothing."
    )
    thawing = [Evidence(one.file, one.line, "this thaws none of them") for one in inert_flags(run, True)]
    told = [*thawing, Evidence(site.file, site.line, "what requires grad is asked for here")]
    yield run.finding(cause, Severity.ERROR, message, affected=names, evidence=told)


def _asked(run: Run, scene: Scene, given: list[Site]) -> list[Parameter]:
    """Parameters of the models whose names stand in what is given, or of all where none does."""
    texts = {name for one in given for name in run.words.names_in(one)}
    everything = sorted(scene.parameters.values(), key=lambda one: one.made_order)
    named = [one for one in everything if any(chain[-1].root in texts for chain in run.chains(one))]
    return named or everything


def _hidden(run: Run, scene: Scene, site: Site, given: list[Site]) -> Iterator[Finding]:
    """`nn.Parameter(...).to(device)`: what the module keeps was computed from a Parameter, and is none."""
    kept = {one.tensor for one in _asked(run, scene, given) if one.role is Role.ATTRIBUTE}
    leaves = {scene.outputs[call][0] for call, kind in enumerate(scene.kind) if kind == Kind.PARAMETER}
    for call, kind in enumerate(scene.kind):
        of_one = kind == Kind.OP and not leaves.isdisjoint(scene.inputs[call])
        if not of_one or kept.isdisjoint(scene.tensor[value] for value in scene.outputs[call]):
            continue
        name = kept_as(scene, call)
        said = quoted(name, NAMELESS)
        fix = f"Make the values of {said} first, and wrap them in `nn.Parameter` last."
        cause = at(Rule.REBUILT_LEAF, scene.user_site(call), fix, call=call)
        message = (
            f"{said} is the result of `{code(scene, call)}` and no leaf: `parameters()` does not list "
            "it, and nobody keeps the Parameter that it is computed from. The optimizer gets nothing."
        )
        yield _told(run, cause, message, [name or NAMELESS], site)


def _kept_apart(run: Run, scene: Scene, site: Site, given: list[Site]) -> Iterator[Finding]:
    """Leaves that a module keeps where `parameters()` doesn't look."""
    apart = [
        one
        for one in _asked(run, scene, given)
        if one.requires_grad and (one.role in (Role.ATTRIBUTE, Role.BUFFER) or not run.registered(one))
    ]
    for made, members in by_line(apart, lambda one: made_for(run, one)).values():
        names = [one.name for one in members]
        kept, fix = how_kept(members, "it" if len(names) == 1 else "them")
        message = f"{listed(names)}: {kept}, where `parameters()` does not look. The optimizer gets nothing."
        yield _told(run, at(Rule.UNREGISTERED_PARAMETER, made, fix), message, names, site)


def _named_otherwise(run: Run, scene: Scene, site: Site, given: list[Site]) -> Iterator[Finding]:
    """Parameters are picked by their names, and none has one like that."""
    names = [name for one in scene.parameters.values() for name in one.names or (one.name,)]
    picking = next(iter([*_comprehensions(run, given, names), *_gathering(run, site, given, names)]), None)
    if picking is None:
        return
    known = [*dict.fromkeys(name.split(".")[0] for name in names)]
    cause = at(
        Rule.OPTIMIZER_MISMATCH, site, "Ask for names that there are: print those of `named_parameters()`."
    )
    message = (
        "The optimizer is given what has such a name, and no parameter has one: theirs begin with "
        f"{listed(known)}."
    )
    told = Evidence(picking.file, picking.line, "no name fulfils this condition")
    yield run.finding(cause, Severity.ERROR, message, evidence=[told] if names else [])


def _comprehensions(run: Run, given: list[Site], names: list[str]) -> Iterator[Site]:
    for one in given:
        node = run.words.file(one.file).node(one)
        for inner in ast.walk(node) if node is not None else ():
            if isinstance(inner, ast.comprehension) and any(met_by_none(test, names) for test in inner.ifs):
                yield one


def _gathering(run: Run, site: Site, given: list[Site], names: list[str]) -> Iterator[Site]:
    """Lines that were to put parameters into the list that is given, one by one."""
    text = run.words.expression(given[0]) if given else ""
    for call in run.words.calls(site, "append"):
        if run.words.receiver(call) == text and rules_out(run.words, call, names):
            yield call
