"""Where gradients were switched off around a call: a `with` block, a decorator, or a switch left as it
was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradtui.diagnosis.definitions import decorated
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Rule
from gradtui.model.source import Site
from gradtui.model.trace import CallFlag, Switch

NO_GRAD = frozenset({"no_grad", "set_grad_enabled", "inference_mode"})
INFERENCE = frozenset({"inference_mode"})
RULES = frozenset({Rule.NO_GRAD, Rule.GRAD_MODE_OFF, Rule.INFERENCE_MODE})


@dataclass(frozen=True, slots=True)
class Place:
    rule: Rule
    site: Site
    evidence: tuple[tuple[Site, str], ...] = ()
    region: Site | None = None
    """The block or decorator under which everything lost its graph."""
    frame: Site | None = None
    """The line inside of the block, or of the decorated function, that was running."""
    yields: bool = False
    """It is a generator's block, which lasts while whoever asked the generator goes on."""


def place(scene: Scene, call: int) -> Place:
    """The place to name for a call that was made without gradients, with what proves it."""
    inference = bool(scene.trace.flags[call] & CallFlag.INFERENCE)
    rule = Rule.INFERENCE_MODE if inference else Rule.NO_GRAD
    switch = last_switch(scene, call)
    own = _contexts(scene, switch)
    frames = [site for site in scene.call(call).stack if site.user] or [scene.site(call)]
    around = list(_around(scene, frames, INFERENCE if inference else NO_GRAD, own))
    if around:
        first = _line(scene, switch)
        found = next((one for one in around if one.switched in (None, first)), around[0])
        if found.decorates:
            inside = ((frames[0], "computed here, inside the decorated function"),)
            return Place(rule, found.region, inside, found.region, found.frame)
        text = scene.words.expression(found.region)
        begins: tuple[tuple[Site, str], ...] = ((found.region, f"`{text}` begins the block"),)
        if rule is Rule.NO_GRAD and "set_grad_enabled" in text:
            rule = Rule.GRAD_MODE_OFF
        elif rule is Rule.NO_GRAD and found.switched is None and switch is not None:
            site = scene.user_site(switch)
            if "set_grad_enabled" in (setting := scene.words.expression(site)):
                rule = Rule.GRAD_MODE_OFF
                begins = (*begins, (site, f"`{setting}` switches gradients off in it"))
        return Place(rule, found.frame, begins, found.region, found.frame)
    if switch is None:
        return Place(rule, frames[0])
    return _switched(scene, rule, switch, frames[0])


@dataclass(frozen=True, slots=True)
class _Region:
    """A block or a decorator of the user's around a call."""

    region: Site
    frame: Site
    """The line that was running in it."""
    switched: tuple[str, int] | None
    """The file and line from which the mode is switched where it begins; None for one of the user's own that
    has switched it."""
    decorates: bool = False


def _around(
    scene: Scene, frames: list[Site], names: frozenset[str], own: frozenset[str]
) -> Iterator[_Region]:
    """Those around a call, from within.

    Only that which found gradients on has switched them, and the trace has no other switches: what is inside
    of it is not why they are off.
    """
    for frame, caller in zip(frames, [*frames[1:], None], strict=True):
        for find, decorates in ((scene.words.with_item, False), (scene.words.decorator, True)):
            region = find(frame, names | own)
            if region is not None:
                begins = (caller or region) if decorates else region  # a decorator is the caller's affair
                switched = None if find(frame, own) == region else (begins.file, begins.line)
                yield _Region(region, frame, switched, decorates)


def _line(scene: Scene, switch: int | None) -> tuple[str, int] | None:
    """The line of the user's that a switch was made from."""
    if switch is None:
        return None
    site = next((site for site in scene.call(switch).stack if site.user), scene.site(switch))
    return site.file, site.line


def last_switch(scene: Scene, call: int) -> int | None:
    """The last switch to off before a call, unless it was switched on again."""
    switch = scene.last_switch(call)
    return switch if switch != NONE and Switch(scene.trace.detail[switch]).off else None


def _switched(scene: Scene, rule: Rule, switch: int, used: Site) -> Place:
    """No block or decorator of the user's is around it: a mode left off, or a library's own doing."""
    site = next((site for site in scene.call(switch).stack if site.user), scene.site(switch))
    text = scene.words.expression(site)
    around = decorated(scene.words, site, NO_GRAD)
    if around is not None and used.user and used != site:
        called = (site, "called here")
        inside = used.file == around.file and used.function.rpartition(".")[2] == around.function
        if inside or scene.words.stores(used):  # what is kept is kept there
            decorator = (around, "computed inside the function that this decorates")
            return Place(rule, used, (decorator, called), around)
        return Place(rule, around, ((used, "computed here, inside the decorated function"), called), around)
    if "set_grad_enabled" in text or "__enter__" in text or "_set_grad_enabled" in text:
        left = Rule.INFERENCE_MODE if rule is Rule.INFERENCE_MODE else Rule.GRAD_MODE_OFF
        return Place(left, site, ((used, "the first value computed without a graph because of it"),), site)
    given = scene.words.yields(site)
    if given is not None and used.user:
        evidence = ((given, "the generator waits here, inside the block"), (used, "computed meanwhile"))
        return Place(rule, site, evidence, site, yields=True)
    return Place(rule, site if text else used, ((used, "computed here"),))


def _contexts(scene: Scene, switch: int | None) -> frozenset[str]:
    """Names of the user's own functions that the switch was made in: `with frozen():` may stand around a
    call."""
    if switch is None:
        return frozenset()
    functions = [site.function for site in scene.call(switch).stack if site.user]
    names = {part for name in functions for part in name.split(".") if part.isidentifier()}
    return frozenset(names - {"forward", "__init__", "__enter__", "__call__", "main"})
