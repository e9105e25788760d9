"""Losses of a loop of which the last one alone is gone backward from: each round puts its own under one name,
and nothing reads those before."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.losses import judged_losses
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.diagnosis.source_text import LOOPS
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.source import Site

LEAST = 2
"""Losses in which it must have been so."""


@dataclass
class Last:
    scene: Scene
    call: int
    stop: int
    """The first backward of such a loss."""
    rounds: int
    seen: int = 0
    """In how many losses."""


def last_round_alone(run: Run) -> Iterator[Finding]:
    """Judged losses that a loop before their backward computes time and again, from other values each."""
    told: dict[Site, Last] = {}
    for scene, backward, _ in run.once(judged_losses):
        root = scene.trace.inputs[backward][0]
        call = scene.producer[root]
        rounds = _rounds(scene, call, backward)
        if rounds and (before := _left(scene, call, rounds)) and not _goes_on(scene, root, before, rounds):
            site = scene.site(call)
            found = told.setdefault(site, Last(scene, call, scene.backward_number(backward), len(before) + 1))
            found.seen += 1
    for found in told.values():
        if found.seen >= LEAST:
            yield _finding(run, found)


def _rounds(scene: Scene, call: int, backward: int) -> range | None:
    """The lines of the loop in which a loss is bound to its name, where its backward comes behind that."""
    site, back = scene.site(call), scene.user_site(backward)
    file = scene.words.file(site.file)
    statement = file.statement(site)
    if not isinstance(statement, ast.Assign) or not scene.words.target(site).isidentifier():
        return None
    loop = next((one for one in file.up(statement) if isinstance(one, LOOPS)), None)
    if loop is None or (site.file, site.function) != (back.file, back.function):
        return None
    lines = range(loop.lineno, (loop.end_lineno or loop.lineno) + 1)
    return lines if back.line >= lines.stop else None


def _left(scene: Scene, call: int, rounds: range) -> list[int]:
    """What the same place has made in the rounds before, if nothing has read any of it."""
    place, site = scene.trace.site[call], scene.site(call)
    begin = max(last_before(scene.events, call), 0)
    made: list[int] = []
    read: set[int] = set()
    for one in range(begin, call):
        here = scene.site(one)
        if (here.file, here.function) == (site.file, site.function) and here.line not in rounds:
            made.clear()  # the loop before was another one
        read.update(scene.trace.inputs[one])
        if scene.trace.site[one] == place:
            made += [value for value in scene.outputs[one] if scene.grad[value] and not scene.shape(value)]
    return [] if not made or not read.isdisjoint(made) else made


def _goes_on(scene: Scene, root: int, before: list[int], rounds: range) -> bool:
    """Whether a loss was computed from what the rounds before had made, as that of a roll-out is."""
    site = scene.site(scene.producer[root])
    within = {*scene.going_back([root], scene.made_from)}

    def in_the_loop(value: int) -> bool:
        stack = scene.call(scene.producer[value]).stack
        return any(
            (one.file, one.function) == (site.file, site.function) and one.line in rounds for one in stack
        )

    earlier = scene.going_back(before, scene.live_before)
    return any(value in within and not scene.leaf[value] and in_the_loop(value) for value in earlier)


def _finding(run: Run, found: Last) -> Finding:
    scene, call = found.scene, found.call
    name = scene.words.target(scene.site(call))
    cause = at(
        Rule.OTHER,
        scene.user_site(call),
        f"Add them up, `total = total + {name}`, and call `backward` on the sum, or call it in each round.",
        call=call,
        confidence=Confidence.LIKELY,
    )
    message = (
        f"Each round of the loop computes `{name}` anew and nothing reads that of the round before: backward "
        f"begins at the last of {found.rounds}, and by the others nothing is learnt."
    )
    return run.finding(cause, Severity.WARNING, message, stop=found.stop)
