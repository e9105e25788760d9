"""What leads to the tree of another backward than the one that is shown, where a finding is about that."""

from __future__ import annotations

from gradtui.model.stops import BACKWARDS, Stop
from gradtui.tui.keymap import KeyNames
from gradtui.tui.view import View, named

FEW = 4
"""Times that a key may have to be pressed for it to be worth the saying."""


def leads_there(view: View, wanted: Stop, names: KeyNames, *, ours: bool) -> str:
    """That what was asked for stands in another tree, which wasn't kept, and how to come to see it; `ours`
    where the program can be run again."""
    said = f"This is of {named(wanted)}, and the tree is of {named(view.snapshot.stop)}"
    if not ours:
        return f"{said}; no tree of that was kept."
    places = [(stop.kind, stop.index) for stop in view.latest.stops if stop.kind in BACKWARDS]
    times = places.index((wanted.kind, wanted.index))
    if times > FEW:
        return f"{said}: --stop-at {wanted.index} holds it there."
    keys = " ".join([names["continue"]] * times)
    then = f", then {keys}," if keys else ""
    return f"{said}: {names['rerun']}{then} leads there."
