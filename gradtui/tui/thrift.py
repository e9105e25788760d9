"""Lines that cost the connection less and look the same."""

from __future__ import annotations

from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip


def thrifty(strip: Strip) -> Strip:
    """The strip with fewer changes of style: blanks take the colour of what stands beside them.

    The terminal's own two colours needn't be named: it is set back to them after every change.
    """
    merged: list[Segment] = []
    for text, style, control in strip:
        style = _unnamed(style)
        if not merged or control or merged[-1].control:
            merged.append(Segment(text, style, control))
            continue
        before, own = merged[-1].text, merged[-1].style
        if style == own or (text.isspace() and _alike(style, own)):
            merged[-1] = Segment(before + text, own)
        elif before.isspace() and _alike(own, style):
            merged[-1] = Segment(before + text, style)
        else:
            merged.append(Segment(text, style))
    return Strip(merged, strip.cell_length)


@lru_cache(1024)
def _unnamed(style: Style | None) -> Style | None:
    """The style without the terminal's own colours."""
    if style is None or style.meta:
        return style
    own = [colour.is_default for colour in (style.color, style.bgcolor) if colour is not None]
    if not any(own):
        return style
    bare = style.without_color
    ours = [
        None if colour is None or colour.is_default else colour for colour in (style.color, style.bgcolor)
    ]
    return bare + Style(color=ours[0], bgcolor=ours[1])


def _alike(one: Style | None, other: Style | None) -> bool:
    """Whether a blank looks the same in both styles."""
    return _seen(one) == _seen(other)


def _seen(style: Style | None) -> tuple[object, ...]:
    """What of a style can be seen on a blank."""
    if style is None:
        return (None, False, False, False, {}, None)
    lines = (bool(style.underline), bool(style.strike), bool(style.reverse))
    return (style.bgcolor, *lines, style.meta, style.link)
