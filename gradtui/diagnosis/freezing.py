"""Where parameters were frozen, which of them together, and where they were thawed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass

from gradtui.diagnosis.name_conditions import by_parts_of_names
from gradtui.diagnosis.prefixes import taken_along, with_the_word_in
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.diagnosis.source_text import SourceText
from gradtui.model.columns import NONE
from gradtui.model.owners import Role
from gradtui.model.source import Site
from gradtui.model.torch_functions import MISSPELT_FLAGS
from gradtui.model.trace import Call, Kind

FLAG_NAMES = frozenset({"requires_grad", *MISSPELT_FLAGS})
"""Attributes that are set to say whether something is to be trained."""


def frozen_at(run: Run) -> dict[tuple[Site, ...], Counter[int]]:
    """By the lines that were running: how often each tensor was frozen there."""
    found: dict[tuple[Site, ...], Counter[int]] = {}
    for scene, call in _flags(run):
        if not call.detail:
            places = tuple(site for site in call.stack if site.user)
            tensors = {scene.tensor[value] for value in call.inputs}
            found.setdefault(places, Counter()).update(tensors)
    return found


def thawed(run: Run) -> dict[int, tuple[Scene, int]]:
    """Tensors that were frozen and that the program has let require grad again, for good, which it wants to
    learn; with the call that did it. Those that are frozen for a while time and again aren't meant."""
    found: dict[int, list[tuple[Scene, int]]] = {}
    frozen: set[int] = set()
    for scene, call in _flags(run):
        tensors = {scene.tensor[value] for value in call.inputs}
        if not call.detail:
            frozen |= tensors
        for tensor in tensors & frozen if call.detail else ():
            found.setdefault(tensor, []).append((scene, call.index))
    return {tensor: calls[0] for tensor, calls in found.items() if len(calls) == 1}


def left_to_a_library(run: Run) -> frozenset[int]:
    """Tensors that a library lets require grad for good, and of which it gives some to an optimizer: which it
    doesn't is its own choice."""
    found: dict[Site, set[int]] = {}
    for tensor, (scene, call) in run.once(thawed).items():
        if _is_a_librarys(scene.call(call)):
            found.setdefault(scene.user_site(call), set()).add(tensor)
    held = run.owners.held.keys()
    return frozenset(tensor for tensors in found.values() if tensors & held for tensor in tensors)


def _is_a_librarys(call: Call) -> bool:
    """Whether a library other than torch made a call."""
    return bool(call.stack) and not call.stack[0].user and "/torch/" not in call.stack[0].file


def thawed_at(run: Run, tensor: int) -> int:
    """The order of the call that let a tensor require grad again; 0 where none did."""
    if tensor not in run.once(thawed):
        return 0
    scene, call = run.once(thawed)[tensor]
    return scene.trace.order[call]


def frozen_again(run: Run, tensors: Set[int]) -> Iterator[tuple[Set[int], Site, Site]]:
    """Those of these that were thawed by themselves before the first step, and then frozen for good together
    with others, or by a library; with the lines that did the one and the other.

    What is thawed as a whole and frozen in part then, as a backbone, isn't among them.
    """
    rounds = [one for one in _rounds(run) if not one.tensors.isdisjoint(tensors)]
    frozen: set[int] = set()
    for number, thawing in enumerate(rounds):
        members = thawing.tensors & tensors
        if not thawing.flag:
            frozen |= members
            continue
        after = [one for one in rounds[number + 1 :] if not one.tensors.isdisjoint(thawing.tensors)]
        if not after or after[0].flag or not frozen.issuperset(members):
            continue
        wider = thawing.tensors < after[0].tensors or after[0].by_library
        elsewhere = after[0].places != thawing.places
        if wider and elsewhere and not any(one.flag for one in after):
            yield members, thawing.places[0], after[0].places[0]


@dataclass(frozen=True, slots=True)
class Round:
    """What one line has set `requires_grad` of, one after the other, before any optimizer had stepped."""

    places: tuple[Site, ...]
    """The user's lines that were running, innermost first."""
    flag: bool
    by_library: bool
    """Whether it is an installed library that sets it within the innermost of these lines, and not torch."""
    tensors: set[int]


def _rounds(run: Run) -> list[Round]:
    found: list[Round] = []
    for scene, call in _flags(run):
        if last_before(scene.steps, call.index) != NONE:
            break
        places = tuple(site for site in call.stack if site.user)
        if not found or (found[-1].places, found[-1].flag) != (places, bool(call.detail)):
            library = _is_a_librarys(call)
            found.append(Round(places, bool(call.detail), library, set()))
        found[-1].tensors.update(scene.tensor[value] for value in call.inputs)
    return [one for one in found if one.places]


def hands_over(run: Run, tensors: Collection[int], places: tuple[Site, ...]) -> bool:
    """Whether the lines that freeze these thaw others in the same round, which learn from then on: what is
    trained now is said of all parts at once, `part.requires_grad_(name in trained)`."""
    rounds: list[dict[bool, set[int]]] = []
    before = None
    for scene, call in _flags(run):
        if tuple(site for site in call.stack if site.user) != places:
            continue
        step = last_before(scene.steps, call.index)
        began = scene.trace.order[step] if step != NONE else NONE
        if began != before:
            rounds.append({True: set(), False: set()})
            before = began
        rounds[-1][bool(call.detail)] |= {scene.tensor[value] for value in call.inputs}
    last = next((one for one in reversed(rounds) if one[False].issuperset(tensors)), None)
    return last is not None and not last[True].isdisjoint(run.history.learning)


def _flags(run: Run) -> Iterator[tuple[Scene, Call]]:
    """The calls that set `requires_grad`, in order, each once."""
    for (scene, index), *_ in run.once(shown_in).values():
        yield scene, scene.call(index)


def shown_in(run: Run) -> dict[int, list[tuple[Scene, int]]]:
    """By order of the calls that set `requires_grad`: each scene that shows one, with its index there."""
    found: dict[int, list[tuple[Scene, int]]] = {}
    for scene in run.scenes:
        for call in scene.trace.calls(Kind.FLAG):
            found.setdefault(call.order, []).append((scene, call.index))
    return found


def freezing(run: Run, tensors: list[int]) -> tuple[Scene, int]:
    """The call that froze one of these, in the last scene that shows it."""
    known = run.once(_freezings)
    places = [known[tensor] for tensor in tensors if tensor in known]
    last = max((scene for scene, _ in places), default=NONE)
    if last == NONE:
        return run.last, NONE
    return run.scenes[last], min(call for scene, call in places if scene == last)


def _freezings(run: Run) -> dict[int, tuple[int, int]]:
    """By tensor the last scene in which it was frozen, and the first call there that did it."""
    found: dict[int, tuple[int, int]] = {}
    for number, scene in enumerate(run.scenes):
        for call, kind in enumerate(scene.kind):
            if kind == Kind.FLAG and scene.trace.detail[call] == 0:
                for value in scene.trace.inputs[call]:
                    if found.get(scene.tensor[value], (NONE, NONE))[0] != number:
                        found[scene.tensor[value]] = number, call
    return found


def names_of(run: Run, tensors: Iterable[int]) -> list[str]:
    return [run.owners.name(tensor) for tensor in tensors]


def named_alike(run: Run) -> dict[int, tuple[str, str]]:
    """Parameters that were frozen as their names are like that of what was meant: the part of the model with
    such a number, or such a word in its name, and the other."""
    found: dict[int, tuple[str, str]] = {}
    learning = names_of(run, run.history.learning)
    for places, tensors in run.once(frozen_at).items():
        if not any(by_parts_of_names(run.words, site) for site in places):
            continue
        names = {tensor: run.owners.name(tensor) for tensor in tensors if is_frozen(run, tensor)}
        held = {tensor: name for tensor, name in names.items() if tensor in run.owners.held}
        pairs = taken_along(names.values(), learning)
        if not pairs and 0 < len(held) < len(names):  # whoever gave them to an optimizer wants them to learn
            pairs = with_the_word_in(held.values(), [name for one, name in names.items() if one not in held])
        for tensor, name in names.items() if pairs else ():
            part = next((part for part in pairs if f"{name}.".startswith(f"{part}.")), None)
            if part is not None:
                found[tensor] = part, pairs[part]
    return found


def is_frozen(run: Run, tensor: int) -> bool:
    """Whether a parameter never learns, and doesn't require grad when it is last seen."""
    parameter = run.owners.parameters.get(tensor)
    if parameter is None or parameter.requires_grad or parameter.role is not Role.PARAMETER:
        return False
    return tensor not in run.history.learning


def idle_flags(run: Run) -> list[tuple[Site, bool]]:
    """Statements of the user's that would set a flag, to this, if they were written otherwise."""
    return [found for like in run.files for found in run.words.idle_flags(like)]


def why_idle(words: SourceText, site: Site) -> str:
    """What such a statement does instead, to go on from "as it"."""
    text = words.whole(site)
    if "==" in text:
        return "compares the flag and doesn't set it"
    if "=" in text:
        return "puts a value in place of the method, and doesn't call it"
    return "doesn't call the method"


def inert_flags(run: Run, value: bool, names: frozenset[str] = FLAG_NAMES) -> list[Site]:
    """Lines that set such a flag and reached no tensor: on a module, under a misspelt name, or not yet."""
    return [
        site
        for one in run.files
        for site, flag in run.words.flags(one, names)
        if flag is value and (site.file, site.line) not in run.once(reached_by_flags)
    ]


def reached_by_flags(run: Run) -> frozenset[tuple[str, int]]:
    """The lines by which a flag was set on a tensor."""
    return frozenset(
        (site.file, site.line)
        for scene in run.scenes
        for call in scene.trace.calls(Kind.FLAG)
        for site in call.stack
    )
