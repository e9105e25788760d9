"""Parts of a model that are frozen only as their names are like others': `layer.10` with `layer.1`."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.frozen_adapters import paths_of, strewn
from gradtui.diagnosis.freezing import freezing, frozen_at, is_frozen, named_alike, names_of
from gradtui.diagnosis.name_conditions import takes_all
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import listed
from gradtui.model.findings import Finding, Rule, Severity


def frozen_after_all(run: Run) -> Iterator[Finding]:
    """Adapters that were left to learn where the layers around them were frozen, and are frozen later by a
    part of their names that these layers have as well."""
    before = set[int]()
    for places, tensors in run.once(frozen_at).items():
        left = [one for one in tensors if one not in run.owners.held and is_frozen(run, one)]
        caught = sorted(strewn(run, left, before)) if before and places else []
        known = names_of(run, before) if caught else []
        around = [name for one in caught for name in _beside(run.owners.name(one), known)]
        before |= tensors.keys()
        if not caught or not takes_all(run.words, places[0], around):
            continue
        scene, call = freezing(run, caught)
        names = [run.owners.called(tensor) for tensor in caught]
        message = (
            f"{listed(names)} are frozen here, by a part of their names that the layers around them have as "
            "well. These had been frozen before, and had left them to learn: no optimizer moves them."
        )
        fix = "Leave them out of what is frozen here, or call `.requires_grad_(True)` on them afterwards."
        cause = at(Rule.FROZEN_LEAF, scene.user_site(call), fix, call=call)
        yield run.finding(cause, Severity.WARNING, message, affected=names, tensors=caught)


def _beside(name: str, others: list[str]) -> list[str]:
    """Those of the innermost module around a parameter that has any of these."""
    for path in paths_of(name.rpartition(".")[0]):
        found = [other for other in others if other.startswith(f"{path}.")]
        if found:
            return found
    return []


def frozen_along(run: Run) -> Iterator[Finding]:
    """Whether an optimizer holds them or was given only what requires grad."""
    caught = run.once(named_alike)
    if not caught:
        return
    scene, call = freezing(run, list(caught))
    parts = sorted({longer for longer, _ in caught.values()}, key=lambda part: (len(part), part))
    meant = listed(sorted({short for _, short in caught.values()}))
    held = any(tensor in run.owners.held for tensor in caught)
    one = len(parts) == 1
    it = "it" if one else "them"
    last = [(longer.rpartition(".")[2], short.rpartition(".")[2]) for longer, short in caught.values()]
    if all(longer.startswith(short) for longer, short in last):
        why = "its name begins alike" if one else "their names begin alike"
    else:
        why = f"the same word is in {'its name' if one else 'their names'}"
    end = f", and held by an optimizer, which leaves {it} alone." if held else f": no optimizer moves {it}."
    message = f"{listed(parts)} {'is' if one else 'are'} frozen here along with {meant}, as {why}{end}"
    cause = at(
        Rule.FROZEN_LEAF,
        scene.user_site(call),
        "Compare whole parts of the names: let what is looked for end in a dot.",
        call=call,
    )
    lost = [one for one in run.history.lost if one.tensor in caught]
    yield run.finding(
        cause,
        Severity.WARNING,
        message,
        affected=[run.owners.called(tensor) for tensor in caught],
        tensors=caught,
        count=max((one.steps for one in lost), default=0),
        stop=min((one.stop for one in lost), default=1),
    )
