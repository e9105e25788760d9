"""What was computed once, without a graph, and is kept since: where it is kept is to be changed, and not the
evaluation in which it was computed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, takewhile

from gradtui.diagnosis import modes
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.quoting import code, short
from gradtui.diagnosis.scene import Scene
from gradtui.model.findings import Evidence
from gradtui.model.source import Site

CACHES = frozenset({"cache", "lru_cache", "cached_property", "cached", "memoize", "memoized"})
"""Decorators that keep what a function gave."""


@dataclass(frozen=True, slots=True)
class Kept:
    site: Site
    what: str
    """A clause that ends a sentence, `it was computed without a graph and is kept`."""
    fix: str
    evidence: tuple[Evidence, ...]


def kept(scene: Scene, flow: Flow, cut: Cut, cause: Cause) -> Kept | None:
    """What keeps the result of a call that had no graph, where that is another place than what called it."""
    off = (Evidence(*cause.region[1:], "gradients were off by this"),) if cause.region else cause.evidence
    return _by_decorator(scene, flow, cut, off) or _in_place(scene, flow, cut, off)


def _by_decorator(scene: Scene, flow: Flow, cut: Cut, off: tuple[Evidence, ...]) -> Kept | None:
    """Where a decorator that caches results stands on a function in which some of the graph was computed."""
    later = flow.calls[bisect_left(flow.calls, cut.call) :]
    sites = dict.fromkeys(map(scene.site, takewhile(lambda call: not scene.grad_mode(call), later)))
    found = ((scene.words.decorator(site, CACHES), site) for site in sites if site.user)
    for decorator, inside in found:
        if decorator is not None:
            text = f"`@{short(scene.words.expression(decorator))}`"
            return Kept(
                inside,
                f"{_text(scene, inside)} was computed without a graph, and {text} gives training the same "
                "ever since",
                f"Leave out {text} for what trains: every backward needs a graph of its own.",
                (Evidence(decorator.file, decorator.line, f"{text} keeps what it gave"), *off),
            )
    return None


def _in_place(scene: Scene, flow: Flow, cut: Cut, off: tuple[Evidence, ...]) -> Kept | None:
    """A function that an evaluation ran keeps it for itself, and finds it again when training runs it."""
    frames, taken = _inside(scene, flow, cut), next(_taken(flow, cut), None)
    if not frames or taken is None:
        return None
    value, call = taken
    lines = [scene.site(scene.producer[value]), *frames]
    stores = next((one for one in lines if one.user and scene.words.stores(one)), None)
    site = stores or frames[0]
    name = f"`{scene.words.target(stores)}`" if stores else "what keeps it"
    begun = Evidence(frames[0].file, frames[0].line, "computed here, without a graph", cut.call)
    used = scene.evidence(call, f"`{code(scene, call)}` takes it in training")
    return Kept(
        site,
        f"{_text(scene, site)} was computed without a graph, and is kept and used in training ever since",
        f"Compute it anew for every backward, or fill {name} only with what no parameter goes into.",
        (*((begun,) if begun.line != site.line else ()), *off, used),
    )


def _inside(scene: Scene, flow: Flow, cut: Cut) -> list[Site]:
    """The lines that led to a cut, innermost first, up to the function that runs in training too.

    None where that isn't one called from the block without gradients: what the block itself computes, it was
    told to. And none where training runs the very line of the cut again: then the result isn't kept.
    """
    frame = modes.place(scene, cut.call).frame
    again = [scene.site(call) for call in flow.calls[bisect_left(flow.calls, flow.stepped) :]]
    running = {(site.file, site.function): site for site in again}
    lines: list[Site] = []
    for site in scene.call(cut.call).stack if scene.site(cut.call) not in again else ():
        if site == frame:
            break
        lines += [site] if site.user else []
        if (site.file, site.function) in running or _asked_for(scene, site, running.values()):
            return lines if frame is not None else []
    return []


def _asked_for(scene: Scene, site: Site, running: Iterable[Site]) -> bool:
    """Whether a line keeps what it computes, in a function that one of these calls: where it finds that kept
    it computes nothing, and only who called it is seen."""
    name = site.function.rpartition(".")[2]
    return scene.words.stores(site) and any(scene.words.calls(one, name) for one in running)


def _taken(flow: Flow, cut: Cut) -> Iterator[tuple[int, int]]:
    """Values without a graph that were there before the last step, with a call since that takes each."""
    for value in flow.constant(cut.made)[0]:
        if flow.scene.producer[value] < flow.stepped:
            since = (call for call in flow.consumers.of(value) if call > flow.stepped)
            yield from ((value, call) for call in islice(since, 1))


def _text(scene: Scene, site: Site) -> str:
    return f"`{short(scene.words.expression(site))}`"
