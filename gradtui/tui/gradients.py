"""Gradients in words: figures short enough for a column, health as a sign and a colour, a small histogram."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from rich.text import Text

from gradtui.model.gradients import GradHealth, Grads, GradSummary, Passed
from gradtui.tui.palette import CUT, MUTED, REACHED, WARNING

BARS = "▁▂▃▄▅▆▇█"
SIGNS = {GradHealth.NAN: "✗", GradHealth.INF: "✗", GradHealth.ZERO: "○", GradHealth.FINE: ""}
HEALTH = {
    GradHealth.NAN: f"bold {CUT}",
    GradHealth.INF: f"bold {CUT}",
    GradHealth.ZERO: f"bold {WARNING}",
    GradHealth.FINE: REACHED,
}
WORDS = {GradHealth.NAN: "NaN", GradHealth.INF: "Inf", GradHealth.ZERO: "0"}
NONFINITE = (GradHealth.NAN, GradHealth.INF)
"""The worse one first."""


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


def worst(grads: Grads) -> GradHealth | None:
    """The health of several gradients together: that of the worst; None where there is none.

    Zeros only count where all are zero: one dead branch of a live node is no illness.
    """
    states = {grad.health for grad in grads if grad is not None}
    for state in (*NONFINITE, GradHealth.FINE, GradHealth.ZERO):
        if state in states:
            return state
    return None


def norm(grads: Grads) -> float:
    """The norm of several gradients taken together."""
    return math.hypot(*(grad.norm for grad in grads if grad is not None))


def brief(passed: Passed) -> Text:
    """What stands beside a row: the norm it was handed, and what it made of it where that is worse."""
    before, after = worst(passed.received), worst(passed.sent)
    if not before:
        return Text("none", MUTED)
    text = short(passed.received)
    if after and after not in (before, GradHealth.FINE):
        text.append("→", MUTED).append_text(short(passed.sent))
    return text


def short(grads: Grads) -> Text:
    """The norm with its sign and colour: `✗ NaN`, `○ 0`, `0.0123`."""
    state = worst(grads)
    if not state:
        return Text("none", MUTED)
    if state is GradHealth.FINE:
        return Text(number(norm(grads)), HEALTH[state])
    return Text(f"{SIGNS[state]}{WORDS[state]}", HEALTH[state])


def between(passed: Iterable[Passed]) -> Text:
    """What many nodes were handed, in one: the worst, or else from the smallest norm to the largest."""
    found = [item.received for item in passed if worst(item.received)]
    for state in NONFINITE:
        sick = next((grads for grads in found if worst(grads) is state), None)
        if sick is not None:
            return short(sick)
    live = [norm(grads) for grads in found if worst(grads) is GradHealth.FINE]
    if not live:
        return short(found[0]) if found else Text()
    low, high = number(min(live)), number(max(live))
    return Text(low if low == high else f"{low}…{high}", HEALTH[GradHealth.FINE])


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


RANK = ("norm", "count", "spread", "min", "max", "mean", "shape")
"""Columns in the order in which they are given room; they stand in the order below."""
ORDER = ("shape", "norm", "min", "max", "mean", "count", "spread")
LEFT = frozenset(["shape", "count", "spread"])
"""Those that begin at the left of their cells."""
GAP = 1
"""Cells between two columns."""
FEW, MANY = 8, 16
"""Bars of a histogram where there is little room, and where there is enough."""


def table(lines: list[tuple[str, GradSummary | None]], width: int) -> Iterator[Text]:
    """One line a gradient, below the names of the columns; of these as many as there is room for."""
    label = min(max((len(name) for name, _ in lines), default=0), max(9, width // 3))
    bars = FEW if width - label < 56 else MANY
    broken = any(grad is not None and (grad.nans or grad.infs) for _, grad in lines)
    rows = [None if grad is None else _values(grad, bars, named=broken) for _, grad in lines]
    present = [row for row in rows if row is not None]
    titles = {title: title for title in ORDER} | {"count": "elements" if broken else "zeros"}
    shown, room = {}, width - label
    idle = {title for title in ("spread", "min", "count") if not any(row[title].plain for row in present)}
    idle |= {"max", "mean"} if "min" in idle else set()
    for title in RANK:
        if title in idle:
            continue  # backward wasn't held here, and less was taken
        cells = max([len(titles[title]), *(row[title].cell_len for row in present)])
        if room >= cells + GAP:
            shown[title] = cells
            room -= cells + GAP
    order = [title for title in ORDER if title in shown]
    head = {title: Text(titles[title], MUTED) for title in order}
    yield _line(Text(" " * label), head, order, shown)
    for (name, _), row in zip(lines, rows, strict=True):
        said = name.ljust(label) if len(name) <= label else f"{name[: label - 1]}…"
        if row is None:
            yield Text.assemble((said, MUTED), " none: torch made no gradient")
        else:
            yield _line(Text(said, MUTED), row, order, shown)


def _line(label: Text, values: dict[str, Text], order: list[str], cells: dict[str, int]) -> Text:
    line = label
    for title in order:
        value = values[title]
        gap = " " * (cells[title] - value.cell_len)
        line.append(" " * GAP)
        line = line + value + gap if title in LEFT else line + gap + value
    return line


def shape_of(grad: GradSummary) -> str:
    return f"({', '.join(map(str, grad.shape))})" if len(grad.shape) != 1 else f"({grad.shape[0]},)"


def _values(grad: GradSummary, bars: int, *, named: bool) -> dict[str, Text]:
    return {
        "shape": Text(shape_of(grad)),
        "norm": short((grad,)),
        "min": Text(number(grad.minimum) if grad.counted else ""),
        "max": Text(number(grad.maximum) if grad.counted else ""),
        "mean": Text(number(grad.mean) if grad.counted else ""),
        "count": _counts(grad, named=named),
        "spread": Text(histogram(grad.histogram, bars), HEALTH[grad.health]),
    }


def _counts(grad: GradSummary, *, named: bool) -> Text:
    """How much of it is bad, as counts; zeros as a share, since some of them are usual. Where the head of the
    column doesn't say that they are zeros, as what isn't finite stands in it too, `named` has it said."""
    parts = [
        Text(f"{count:,} {word}", HEALTH[GradHealth.NAN])
        for count, word in ((grad.nans, "NaN"), (grad.infs, "Inf"))
        if count
    ]
    share = grad.zeros / grad.elements if grad.elements else 0.0
    if grad.counted and (share or not parts):
        words = "all" if share == 1 else "<1%" if 0 < share < 0.01 else f"{100 * share:.0f}%"
        style = HEALTH[GradHealth.ZERO] if share == 1 else ""
        parts.append(Text(f"{words} zero" if named else words, style))
    return Text(" ").join(parts)
