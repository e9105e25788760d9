"""Backward through a graph that an earlier backward has freed: where the old graph came in."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.loop_state import carriers
from gradtui.diagnosis.quoting import THE_VALUE, code, quoted, short, spoken
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.source_text import SourceText
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.stops import Raised
from gradtui.model.torch_functions import OVERWRITES
from gradtui.model.trace import Kind

CALLS_ON = 1000
"""Calls for which what was made of a value is followed: the hidden state of a long sequence takes hundreds;
without an end a long trace would be walked once more for each backward."""
BINDINGS = 6
"""Names that are followed from the second backward to what its loss is made of: with one or two, a state that
goes through a few variables isn't found; with many, whatever the function computes is."""


def freed(run: Run, scene: Scene, _raised: Raised | None = None) -> Iterator[Finding]:
    """Where the last backward comes to what an earlier one has freed, and what carried it over."""
    backwards = [i for i, kind in enumerate(scene.kind) if kind in (Kind.BACKWARD, Kind.GRAD)]
    if not backwards:
        return
    now = backwards[-1]
    flow = run.flow(scene, list(scene.trace.inputs[now]))
    for before in reversed(backwards[:-1]):
        if scene.trace.detail[before] == 1 or scene.outputs[before]:
            continue  # it kept the graph; or it is what `autograd.grad` gave, beside the record of its run
        old = run.flow(scene, list(scene.trace.inputs[before]))
        shared = _frontier(scene, flow, old)
        if shared != NONE:
            yield _finding(run, scene, flow, _crossing(flow, shared, before), before, now)
            return
        written = _overwritten(run, scene, flow, old)
        if written != NONE:
            yield _reset(run, scene, written, before, now)
            return
    carried = _carried(scene, flow)
    if carried != NONE:
        yield _finding(run, scene, flow, carried, NONE, now)


def _frontier(scene: Scene, flow: Flow, old: Flow) -> int:
    """The value of the old graph that the new one goes on from; the latest of them."""
    found = NONE
    for value, alive in enumerate(flow.alive):
        if not alive or not old.alive[value] or scene.leaf[value]:
            continue
        users = [call for call in flow.consumers.of(value) if _gives_fresh(scene, flow, old, call)]
        if users or value in flow.roots:
            found = value
    return found


def _overwritten(run: Run, scene: Scene, flow: Flow, old: Flow) -> int:
    """The last call that put other values into a tensor of the old graph, of which the new one is made: the
    values are gone, and the graph isn't."""
    for call in range(len(scene.kind) - 1, -1, -1):
        if scene.kind[call] == Kind.WRITE and scene.name(call) in OVERWRITES:
            fresh = any(flow.alive[value] and not old.alive[value] for value in scene.outputs[call])
            before = run.flow(scene, list(scene.trace.inputs[call])) if fresh else None
            if before is not None and any(_in_both(scene, before, old)):
                return call
    return NONE


def _in_both(scene: Scene, one: Flow, other: Flow) -> Iterator[bool]:
    return (
        bool(alive and also and not leaf)
        for alive, also, leaf in zip(one.alive, other.alive, scene.leaf, strict=True)
    )


def _reset(run: Run, scene: Scene, written: int, before: int, now: int) -> Finding:
    site = scene.user_site(written)
    value = scene.trace.inputs[written][0]  # of which no value goes on, and so it isn't in `scene.inputs`
    name, text = spoken(scene, value), code(scene, written)
    cause = at(
        Rule.DOUBLE_BACKWARD,
        site,
        f"Begin with a new tensor, as of `torch.zeros_like`, or call `.detach_()` on {quoted(name)} first.",
        call=written,
    )
    evidence = [
        scene.evidence(scene.producer[value], "what it held was computed here"),
        scene.evidence(before, "this backward freed its graph"),
        scene.evidence(now, "this backward needs the freed graph"),
    ]
    message = (
        f"`{text}` puts other values into {quoted(name)}, which stays a part of the graph that it was "
        "computed with. An earlier backward has been through that graph and freed it: the next one runs into "
        "it and raises."
    )
    return run.finding(cause, Severity.ERROR, message, affected=[name or THE_VALUE], evidence=evidence)


def _crossing(flow: Flow, value: int, before: int) -> int:
    """What was made of a value of the old graph by the time that it was freed, and is used after it: the
    memory that a hidden state was put into."""
    for _ in range(CALLS_ON):
        users = flow.consumers.of(value)
        if value in flow.roots or any(call > before for call in users):
            break
        made = [one for call in users for one in flow.made_by(call) if flow.alive[one]]
        if not made:
            break
        value = made[-1]
    return value


def _gives_fresh(scene: Scene, flow: Flow, old: Flow, call: int) -> bool:
    return any(flow.alive[made] and not old.alive[made] for made in scene.outputs[call])


def _carried(scene: Scene, flow: Flow) -> int:
    """Where the earlier graph is not in the trace any more: the oldest value under this loss that has a
    graph."""
    steps = [call for call in scene.events if scene.kind[call] in (Kind.STEP, Kind.BACKWARD)][:-1]
    if not steps:
        return NONE
    old = [
        value
        for value, alive in enumerate(flow.alive)
        if alive and not scene.leaf[value] and scene.producer[value] < steps[-1]
    ]
    return old[-1] if old else NONE


def _finding(run: Run, scene: Scene, flow: Flow, value: int, before: int, now: int) -> Finding:
    made = scene.producer[value]
    if (cached := _cached(run, scene, made, now)) is not None:
        return cached
    users = [call for call in flow.consumers.of(value) if call > max(before, made)]
    site, reader = _maker(scene, value, users, before, now)
    again = value in flow.roots
    name, entry = _carried_name(scene, site, value, users), _entry(scene, site, value, users)
    once = scene.trace.site.count(scene.trace.site[made]) == 1
    cause = at(Rule.DOUBLE_BACKWARD, site, _fix(name, again=again, once=once), call=made)
    evidence = []
    if before != NONE:
        place = scene.user_site(before)
        evidence.append(Evidence(place.file, place.line, "this backward freed its graph", before))
    if reader is not None:
        text = short(scene.words.expression(reader))
        evidence.append(Evidence(reader.file, reader.line, f"`{text}` goes on from it", users[0]))
    elif users:
        evidence.append(scene.evidence(users[0], f"`{code(scene, users[0])}` goes on from it"))
    place = scene.user_site(now)
    evidence.append(Evidence(place.file, place.line, "this backward needs the freed graph", now))
    message = (
        f"`{name}` was computed here once and still carries its graph, which an earlier backward has "
        "been through "
        "and freed. The next backward runs into it and raises."
    )
    if entry:
        name, cause = entry, replace(cause, fix=_fix(entry, again=again, once=once))
    if entry or _handed_on(scene, site, made):
        evidence.insert(0, scene.evidence(made, "it was computed here"))
        message = (
            f"`{name}` comes in here with the graph that it was computed with, which an earlier backward has "
            "been through and freed. The next backward runs into it and raises."
        )
    return run.finding(cause, Severity.ERROR, message, affected=[name], evidence=evidence)


def _handed_on(scene: Scene, site: Site, made: int) -> bool:
    """Whether a line binds a state to its own name, `h = detached(h)`, and isn't what computed it."""
    bound = set(re.split(r"[\s,()]+", scene.words.target(site))) & set(scene.words.names_in(site))
    return bool(bound) and not any(scene.words.encloses(site, frame) for frame in scene.call(made).stack)


def _cached(run: Run, scene: Scene, made: int, now: int) -> Finding | None:
    """A parametrized weight that `parametrize.cached()` keeps beyond the backward of its first use."""
    number = scene.trace.module[made]
    modules = scene.snapshot.modules
    path = modules[number].name.split(".") if number != NONE else []
    if "parametrizations" not in path:
        return None
    frames = (site for call in (now, made) for site in scene.call(call).stack if site.user)
    block = next((found for one in frames if (found := scene.words.with_item(one, {"cached"}))), None)
    if block is None:
        return None
    place = path.index("parametrizations")
    name = ".".join([*path[:place], *path[place + 1 : place + 2]])
    first, last = scene.user_site(made), scene.user_site(now)
    cause = at(
        Rule.DOUBLE_BACKWARD, block, "Enter it anew for every backward, around one forward and backward."
    )
    evidence = [
        Evidence(first.file, first.line, f"`{name}` was computed here first", made),
        Evidence(last.file, last.line, "this backward needs the freed graph", now),
    ]
    message = (
        f"`{scene.words.expression(block)}` keeps `{name}` as it was first computed, with its graph, beyond "
        "the backward that has been through that graph and freed it. The next backward runs into it and "
        "raises."
    )
    return run.finding(cause, Severity.ERROR, message, affected=[name], evidence=evidence)


def _carried_name(scene: Scene, site: Site, value: int, users: list[int]) -> str:
    """What the old value is called; of several names that are bound at once, the one that is used again."""
    name = scene.words.target(site) or spoken(scene, value) or THE_VALUE
    if "," in name and users:
        used = scene.words.names_in(scene.site(users[0]))
        return next((part.strip() for part in name.split(",") if part.strip() in used), name)
    return name


def _entry(scene: Scene, site: Site, value: int, users: list[int]) -> str:
    """What the old value is called where it comes in again, if that place is named and not what made it."""
    if not users or site != scene.user_site(users[0]) or site == scene.site(scene.producer[value]):
        return ""
    words, target = scene.words, scene.words.target(site)
    operand = _operand(scene, value, users[0])
    if operand is not None:
        return "" if target in words.names_in(site) else short(words.expression(operand))
    if scene.call(users[0]).function.startswith("Tensor.") and [*scene.inputs[users[0]]][:1] == [value]:
        receiver = words.receiver(site)
        return "" if target == receiver else receiver
    given = words.arguments(site)  # of a call, where these are its tensors and what isn't one stands before
    came = list(scene.inputs[users[0]])
    text = given[came.index(value) - len(came)] if came.count(value) == 1 and len(given) >= len(came) else ""
    return "" if target == text else text


def _operand(scene: Scene, value: int, call: int) -> Site | None:
    """The side of an operator that a value is on; None where a call is none, or has it on both."""
    came = list(scene.inputs[call])
    if came.count(value) != 1 or len(came) != 2:
        return None
    return next(iter(scene.words.operand_sites(scene.site(call), came.index(value))), None)


def _fix(name: str, *, again: bool, once: bool) -> str:
    if once and not again:  # no state that every step makes a new one of
        return f"Compute `{name}` again for every backward; detach it only if nothing learns by it."
    if again:
        return (
            f"Call `backward` once each time `{name}` is computed, or pass `retain_graph=True` to the first."
        )
    return (
        f"Detach `{name}` where it is carried on (each part of it, if it is a tuple), or compute it again "
        "for every backward."
    )


def _maker(scene: Scene, value: int, users: list[int], before: int, now: int) -> tuple[Site, Site | None]:
    """The line that carries the old value on, in the user's terms: where it got the name it is used by later.

    Where no such line is known it is the place where it comes in again. Beside it what reads that name, where
    that is another function than the one that goes on from the value.
    """
    made = scene.user_site(scene.producer[value])
    if not users:
        return made, None
    words, used = scene.words, scene.user_site(users[0])
    names, target = words.names_in(_operand(scene, value, users[0]) or used), words.target(made)
    if target.startswith("self."):
        return made, used
    for name in names if target else ():
        kept = [one for one in words.makers(used, name) if words.expression(one) == target]
        if kept and not name.isidentifier():  # `self.mean = value`: only there it outlives its step
            return (used, None) if words.target(used) == name else (kept[-1], used)
    if _is_stored(words, made, target):
        return made, used
    if (used.file, used.function) == (made.file, made.function):
        if target and target in names:
            return made, None
        return _carrier(scene, made, now) or made, None
    caller = _caller(scene, before, now) if before != NONE else None
    if caller is not None:
        return caller
    for name in names:
        makers = words.makers(used, name)
        inside = [site for site in makers if words.encloses(site, made)]
        if inside:
            return inside[-1], None
        calls = [site for site in makers if "(" in words.expression(site)]
        if calls and name.isidentifier():
            return calls[-1], None
    attribute = _kept_by_module(scene, value, used, names)
    return (attribute, used) if attribute is not None else (used, None)


def _is_stored(words: SourceText, made: Site, name: str) -> bool:
    """Whether the function that binds a name puts it where it outlives the call: `self.edges = [name]`."""
    file = words.file(made.file)
    around = file.function_at(made.line)
    return bool(name) and any(
        isinstance(target, (ast.Attribute, ast.Subscript))
        and around is not None
        and file.function_at(statement.lineno) is around
        and any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(value))
        for target, value, statement in file.assignments
    )


def _kept_by_module(scene: Scene, value: int, used: Site, names: list[str]) -> Site | None:
    """In another function, what an attribute that is read is bound to: the call of the very module that the
    value comes from."""
    words, number = scene.words, scene.trace.module[scene.producer[value]]
    if number == NONE:
        return None
    module, function_at = scene.snapshot.modules[number], words.file(used.file).function_at
    parts = {*module.root.split("."), *module.name.split(".")} - {""}
    for name in names:
        makers = words.makers(used, name) if not name.isidentifier() else []
        called = [one for one in makers if words.call_name(one) in parts]
        if len(makers) == 1 and called and function_at(called[0].line) is not function_at(used.line):
            return called[0]
    return None


def _caller(scene: Scene, before: int, now: int) -> tuple[Site, Site] | None:
    """In a function that calls both backwards: what binds a name before the first of them that the second
    loss is made of, and what reads it after it. None where that isn't one expression alone.
    """
    words = scene.words
    earlier = {(site.file, site.function): site for site in scene.call(before).stack if site.user}
    for frame in (site for site in scene.call(now).stack if site.user):
        first = earlier.get((frame.file, frame.function))
        if first is None or first.line >= frame.line:
            continue
        around = words.file(frame.file).function_at(frame.line)
        between = range(first.line + 1, frame.line)
        inside = range(around.lineno if around is not None else 0, frame.line)
        found = []
        for reader, makers in words.reads(frame, BINDINGS, partial(_precedes, between)):
            makers = [one for one in makers if _precedes(inside, reader, one)]
            if (
                makers
                and all(one.line < first.line for one in makers)
                and "(" in words.expression(makers[-1])
            ):
                found.append((makers[-1], reader))
        if len(found) == 1:
            return found[0]
    return None


def _precedes(lines: range, reader: Site, maker: Site) -> bool:
    """Whether it is on one of these lines, above the one that reads it."""
    return maker.line in lines and maker.line < reader.line


def _carrier(scene: Scene, made: Site, now: int) -> Site | None:
    """Around a state that a module hands out and is handed again: `h = cell(x, h)`, `self.h =
    self.cell(x, self.h)`."""
    words, frames = scene.words, [site for site in scene.call(now).stack if site.user]
    running = {(site.file, site.function) for site in frames}
    for frame in [*frames, made]:
        lasts = (frame.file, frame.function) in running  # else a variable of it is gone by now
        for site in carriers(words, frame):
            if not words.encloses(site, made) and (lasts or words.stores(site)):
                return site
    return None
