"""Gradients in words: figures short enough for a column, health as a sign and a colour, a small histogram."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from rich.text import Text

from gradtui.model.gradients import Grads, GradSummary, Passed
from gradtui.tui.palette import CUT, MUTED, REACHED, WARNING

BARS = "▁▂▃▄▅▆▇█"
SIGNS = {"nan": "✗", "inf": "✗", "zero": "○", "fine": ""}
HEALTH = {"nan": f"bold {CUT}", "inf": f"bold {CUT}", "zero": f"bold {WARNING}", "fine": REACHED}
WORST = ("nan", "inf", "zero", "fine")
NUMBER = 8
"""Cells of a number at most."""


def number(value: float) -> str:
    """A number in at most eight cells: `0.0123`, `-4.5e-12`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Inf" if value > 0 else "-Inf"
    if not value:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}" if abs(value) < 1e3 else f"{value:.0f}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def worst(grads: Grads) -> str:
    """The health of several gradients together: that of the worst; empty where there is none.

    Zeros only count where all are zero: one dead branch of a live node is no illness.
    """
    states = {grad.health for grad in grads if grad is not None}
    for state in ("nan", "inf", "fine", "zero"):
        if state in states:
            return state
    return ""


def norm(grads: Grads) -> float:
    """The norm of several gradients taken together."""
    return math.hypot(*(grad.norm for grad in grads if grad is not None))


def brief(passed: Passed) -> Text:
    """What stands beside a row: the norm it was handed, and what it made of it where that is worse."""
    before, after = worst(passed.received), worst(passed.sent)
    if not before:
        return Text("none", MUTED)
    text = short(passed.received)
    if after and after != before and after != "fine":
        text.append("→", MUTED).append_text(short(passed.sent))
    return text


def short(grads: Grads) -> Text:
    """The norm with its sign and colour: `✗ NaN`, `○ 0`, `0.0123`."""
    state = worst(grads)
    if not state:
        return Text("none", MUTED)
    if state == "fine":
        return Text(number(norm(grads)), HEALTH[state])
    words = {"nan": "NaN", "inf": "Inf", "zero": "0"}[state]
    return Text(f"{SIGNS[state]}{words}", HEALTH[state])


def histogram(counts: Iterable[int], width: int = 16) -> str:
    """Counts as bars; what isn't empty is never drawn as if it were."""
    found = list(counts)
    if not found or not any(found):
        return ""
    if len(found) > width:
        size = -(-len(found) // width)
        found = [sum(found[start : start + size]) for start in range(0, len(found), size)]
    top = max(found)
    return "".join(" " if not count else BARS[round(count / top * (len(BARS) - 1))] for count in found)


COLUMNS = (
    ("norm", NUMBER),
    ("NaN, Inf, 0", 11),
    ("spread", 16),
    ("min", NUMBER),
    ("max", NUMBER),
    ("mean", NUMBER),
    ("shape", 16),
)
"""In the order in which they are given room; they stand in the order below."""
ORDER = ("shape", "norm", "min", "max", "mean", "NaN, Inf, 0", "spread")


def table(lines: list[tuple[str, GradSummary | None]], width: int) -> Iterator[Text]:
    """One line a gradient, below the names of the columns; of these as many as there is room for."""
    label = min(max((len(name) for name, _ in lines), default=0), max(9, width // 3))
    shown, room = {}, width - label
    small = room < 46
    for title, cells in COLUMNS:
        cells = 8 if title == "spread" and small else cells
        if title == "shape":
            cells = max([len(shape_of(grad)) for _, grad in lines if grad is not None], default=5)
            cells = max(5, cells)
        if room >= cells + 1:
            shown[title] = cells
            room -= cells + 1
    order = [title for title in ORDER if title in shown]
    head = Text(" " * label, MUTED)
    for title in order:
        left = title in ("spread", "shape", "NaN, Inf, 0")
        head.append(" " + (title[: shown[title]].ljust if left else title.rjust)(shown[title]))
    yield head
    for name, grad in lines:
        line = Text(name[:label].ljust(label) if len(name) <= label else name[: label - 1] + "…", MUTED)
        if grad is None:
            yield line.append(" none", MUTED)
            continue
        values = _values(grad, shown.get("spread", 0))
        for title in order:
            value = values[title]
            value.truncate(shown[title], overflow="ellipsis")
            gap = " " * (shown[title] - value.cell_len)
            if title in ("spread", "shape", "NaN, Inf, 0"):
                line.append(" ").append_text(value).append(gap)
            else:
                line.append(" " + gap).append_text(value)
        yield line


def shape_of(grad: GradSummary) -> str:
    return f"({', '.join(map(str, grad.shape))})" if len(grad.shape) != 1 else f"({grad.shape[0]},)"


def _values(grad: GradSummary, spread: int) -> dict[str, Text]:
    state = grad.health
    words = short((grad,))
    return {
        "shape": Text(shape_of(grad)),
        "norm": words,
        "min": Text(number(grad.minimum) if grad.counted else ""),
        "max": Text(number(grad.maximum) if grad.counted else ""),
        "mean": Text(number(grad.mean) if grad.counted else ""),
        "NaN, Inf, 0": _counts(grad),
        "spread": Text(histogram(grad.histogram, max(1, spread)), HEALTH[state]),
    }


def _counts(grad: GradSummary) -> Text:
    """How much of it is bad, as counts; zeros as a share, since some of them are usual."""
    text = Text()
    for count, word in ((grad.nans, "NaN"), (grad.infs, "Inf")):
        if count:
            text.append(f"{count:,} {word} ", HEALTH["nan"])
    if not grad.counted and not text.plain:
        return text
    share = grad.zeros / grad.elements if grad.elements else 0.0
    if share or not text.plain:
        said = "all 0" if share == 1 else f"{100 * share:.0f}% 0" if share >= 0.01 or not share else "<1% 0"
        text.append(said, HEALTH["zero"] if share == 1 else MUTED)
    text.rstrip()
    return text
