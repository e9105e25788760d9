"""What the user calls a value, a call or what that was given: bare text, which the sentence quotes."""

from __future__ import annotations

from gradtui.diagnosis.flow import Cut
from gradtui.diagnosis.scene import Scene

THE_VALUE = "the value"
"""How a sentence has a value that the user has no words for."""


def spoken(scene: Scene, value: int) -> str:
    """The user's words for a value: the variable it was bound to, or the expression that made it; "" where
    there are none."""
    name = scene.owner_name(scene.tensor[value])
    if name:
        return name
    site = scene.site(scene.producer[value])
    return short(scene.words.variable(site) or scene.words.expression(site))


def quoted(text: str, nameless: str = THE_VALUE) -> str:
    """A name or some code as a sentence has it; `nameless` where it is empty."""
    return f"`{text}`" if text else nameless


def argument(scene: Scene, cut: Cut) -> str:
    """What the call at a cut was given, in the user's words; "" where there are none."""
    site, words = scene.site(cut.call), scene.words
    if words.call_name(site) not in ("", scene.name(cut.call)):  # a function calls it that isn't the user's
        return spoken(scene, cut.value)
    given = words.receiver(site)
    if given == "torch" and words.arguments(site):
        given = words.arguments(site)[0]
    return short(given) or spoken(scene, cut.value)


def short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else text[:57] + "..."


def code(scene: Scene, call: int) -> str:
    """The text of the expression that made a call, or the function's name where there is none."""
    return short(scene.words.expression(scene.site(call))) or scene.call(call).function
