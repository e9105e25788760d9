"""Which key does what once the user's own wishes are heard: names, clashes, and keys as they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches

from textual.binding import Binding
from textual.keys import Keys, _character_to_key

NAMES = {
    "question_mark": "?",
    "slash": "/",
    "colon": ":",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "minus": "-",
    "plus": "+",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "equals_sign": "=",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
}
"""What is said of keys where Textual's own name is too long."""

SHORT = {"esc": "escape", "return": "enter", "pgdn": "pagedown", "pgup": "pageup", "del": "delete"}
"""Other names that people give to keys."""
MODIFIERS = frozenset(["ctrl", "shift", "alt"])
KNOWN = frozenset(key.value for key in Keys)
ALWAYS = "ctrl+q"
"""The key that always quits, whatever else has gone wrong."""

Keymap = Mapping[str, str]
"""By the name of an action the keys that it was given, as Textual writes them: `n,ctrl+n`."""


class KeyNames(dict[str, str]):
    """By the name of an action the key that does it, as it is written; for sentences with `{step}` in."""

    def __missing__(self, name: str) -> str:
        return name


class Unclear(Exception):  # noqa: N818 - what was asked for is unclear; nothing failed
    """Said to the user as it stands."""


def spoken(key: str) -> str:
    """A key as it is written on the screen."""
    if key in NAMES:
        return NAMES[key]
    for name, character in ((_character_to_key(item), item) for item in "!\"#$%&'()*,.;<>@\\^_`|~"):
        if key == name:
            return character
    return key.replace("shift+tab", "⇧tab").replace("ctrl+", "^")


def key_named(text: str) -> str:
    """Textual's name of a key that a user wrote down; raises Unclear where there is no such key."""
    if len(text) == 1 and text.isprintable() and text != " ":
        return _character_to_key(text)
    text = text.strip().casefold() if text != " " else "space"
    *modifiers, last = text.split("+")
    key = SHORT.get(last, last)
    whole = "+".join([*modifiers, key])
    known = key in KNOWN or key in NAMES or len(key) == 1
    if not known or (len(key) == 1 and not modifiers) or not MODIFIERS.issuperset(modifiers):
        raise Unclear(f"there is no key `{text}`: write `n`, `N`, `?`, `ctrl+n`, `f5`, `space`, `pagedown`")
    if whole == ALWAYS:
        raise Unclear(f"{ALWAYS} always quits and can't be given to something else")
    return whole


def as_set(bindings: Iterable[Binding], keymap: Keymap) -> list[Binding]:
    """Bindings with the keys that they were given."""
    return [
        item.with_key(keymap[item.id]) if item.id is not None and item.id in keymap else item
        for item in bindings
    ]


def keymap_of(wanted: Mapping[str, Sequence[str]], scopes: Sequence[Sequence[Binding]]) -> dict[str, str]:
    """The keymap that a user wrote down; raises Unclear with one sentence where it can't be had.

    A scope is everything that a key may mean while one pane has the focus.
    """
    names = {item.id for scope in scopes for item in scope if item.id is not None}
    keymap = {}
    for name, keys in wanted.items():
        if name not in names:
            near = get_close_matches(name, names, 1)
            asked = f"; did you mean `{near[0]}`?" if near else "; README lists the names"
            raise Unclear(f"there is no action `{name}`{asked}")
        if not keys:
            raise Unclear(f"`{name}` needs at least one key")
        keymap[name] = ",".join(dict.fromkeys(key_named(key) for key in keys))
    for scope in scopes:
        _refuse_clashes(scope, keymap)
    return keymap


def _refuse_clashes(scope: Sequence[Binding], keymap: Keymap) -> None:
    """What two actions have in common by default is meant: the pane's own comes first."""
    meant = set(_shared(scope))
    for key, one, other in _shared(as_set(scope, keymap)):
        if (key, one, other) not in meant:
            raise Unclear(f"`{spoken(key)}` would mean both `{one}` and `{other}`")


def _shared(scope: Iterable[Binding]) -> Iterator[tuple[str, str, str]]:
    """Keys that mean two actions of a scope."""
    taken: dict[str, str] = {}
    for item in scope:
        name = item.id or item.action
        for key in item.key.split(","):
            if taken.setdefault(key, name) != name:
                yield key, taken[key], name
