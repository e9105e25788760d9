"""Parts of a model that are frozen only as their names are like another's: `layer.10` with `layer.1`."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.freezing import freezing, named_alike
from gradtui.diagnosis.run import Run, at, listed
from gradtui.model.findings import Finding, Rule, Severity


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
        causes.user_site(scene, call),
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
