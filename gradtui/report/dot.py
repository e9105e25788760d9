"""The language of Graphviz: how labels and attributes are written, whatever they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

FONT = "DejaVu Sans Mono,Menlo,Consolas,monospace"
"""All letters are equally wide in them: so a layout that hasn't the font knows its widths all the same."""
UNSHOWN = "\N{REPLACEMENT CHARACTER}"
"""In the place of what has no shape: a control character, half of a surrogate, a mark of direction."""


def label(lines: Iterable[str], *, left: bool = False) -> str:
    """A label of several lines, centred or from the left, in quotes."""
    end = r"\l" if left else r"\n"
    text = end.join(map(escaped, lines))
    return f'"{text}{end}"' if left else f'"{text}"'


def escaped(text: str) -> str:
    r"""What shows as this text, on one line: Graphviz reads `\N` as a name, and `&lt;` as a sign."""
    shown = "".join(each if each.isprintable() else UNSHOWN for each in " ".join(text.split()))
    return shown.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")


def attributes(pairs: Mapping[str, str]) -> str:
    """Attributes in brackets; a value is a label in its quotes, or a plain word or number."""
    return f"[{', '.join(f'{name}={_value(value)}' for name, value in pairs.items())}]" if pairs else ""


def _value(value: str) -> str:
    return value if value.startswith('"') else f'"{value}"'
