"""The breaks that the user set: as typed, as said back, and which of them are switched on."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from gradtui.model.breaks import Break, BreakKind
from gradtui.model.gradients import GradHealth, GradSummary

FORMS = "nan, zero, norm > 1e3, norm < 1e-8, module NAME, param NAME, FILE:LINE, node NAME"
"""What can be typed, in short."""

ELSEWHERE = "It waits for another graph."


class Unclear(Exception):  # noqa: N818 - what was typed is unclear; nothing failed
    """Said to the user as it stands."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One break in the list."""

    condition: Break
    on: bool = True


class Breaks:
    """The list, in the order in which its breaks were set. It outlives a backward."""

    def __init__(self) -> None:
        self.kept: list[Kept] = []

    @property
    def active(self) -> tuple[Break, ...]:
        return tuple(item.condition for item in self.kept if item.on)

    def add(self, condition: Break) -> None:
        """Set it, or switch it on where it is set already."""
        for index, item in enumerate(self.kept):
            if item.condition == condition:
                self.kept[index] = Kept(condition)
                return
        self.kept.append(Kept(condition))

    def toggle(self, condition: Break) -> bool:
        """Set it, or take it away where it is set; whether it is set now."""
        before = len(self.kept)
        self.kept = [item for item in self.kept if item.condition != condition]
        if len(self.kept) == before:
            self.kept.append(Kept(condition))
            return True
        return False

    def switch(self, index: int) -> None:
        item = self.kept[index]
        self.kept[index] = replace(item, on=not item.on)

    def delete(self, index: int) -> None:
        del self.kept[index]


@dataclass(frozen=True, slots=True)
class Known:
    """What a break can be about."""

    files: tuple[str, ...] = ()
    """Absolute paths."""
    modules: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()


def parse(text: str, known: Known) -> Break:
    """The break that was typed; raises Unclear with one sentence where it can't be told."""
    words = text.split()
    if not words:
        raise Unclear(f"Type one of: {FORMS}.")
    first = words[0].casefold()
    rest = text.strip()[len(words[0]) :].strip()
    if first in ("nan", "inf", "nonfinite") and not rest:
        return Break(BreakKind.NONFINITE)
    if first in ("zero", "0") and not rest:
        return Break(BreakKind.ZERO)
    if first.startswith("norm"):
        return _norm(text.strip()[4:].strip())
    if first == "module":
        return Break(BreakKind.MODULE, _among(rest, known.modules, "module"))
    if first in ("param", "parameter"):
        return Break(BreakKind.PARAMETER, _among(rest, known.parameters, "parameter"))
    if first == "node":
        return Break(BreakKind.NODE, _among(rest, known.nodes, "node"))
    if ":" in text:
        return _line(text.strip(), known.files)
    raise Unclear(f"{text.strip()!r} is no break. Type one of: {FORMS}.")


def _norm(text: str) -> Break:
    kinds = {">": BreakKind.ABOVE, "<": BreakKind.BELOW}
    if text[:1] not in kinds:
        raise Unclear("A bound is written `norm > 1e3` or `norm < 1e-8`.")
    try:
        bound = float(text[1:].removeprefix("="))
    except ValueError:
        raise Unclear(f"{text[1:].strip()!r} is no number; a bound is written `norm > 1e3`.") from None
    if not math.isfinite(bound) or bound < 0:
        raise Unclear("A norm is at least 0 and finite, and so must be its bound; `nan` breaks at the rest.")
    return Break(kinds[text[0]], bound=bound)


def _line(text: str, files: Collection[str]) -> Break:
    path, _, line = text.rpartition(":")
    if not line.strip().isdigit() or not int(line):
        raise Unclear(f"{line.strip()!r} is no line; a line is written `train.py:31`.")
    path = path.strip()
    fitting = sorted(file for file in files if file == path or file.endswith(f"/{path.removeprefix('./')}"))
    if not fitting:
        raise Unclear(f"No file {path!r} has made anything of this graph.")
    if len(fitting) > 1:
        raise Unclear(f"{path!r} may be {' or '.join(fitting[:3])}: type more of it.")
    return Break(BreakKind.LINE, file=fitting[0], line=int(line))


def _among(name: str, names: Iterable[str], what: str) -> str:
    found = list(dict.fromkeys(names))
    if name in found:
        return name
    if not name:
        raise Unclear(f"Which {what}? Type `{what} NAME`.")
    ending = [one for one in found if one.endswith(f".{name}")]
    if len(ending) == 1:
        return ending[0]
    like = ending or [one for one in found if name.casefold() in one.casefold()]
    hint = f"; there are {', '.join(like[:3])}" if like else ""
    raise Unclear(f"This graph has no {what} {name!r}{hint}.")


def said(condition: Break) -> str:
    """A break as it would be typed."""
    match condition.kind:
        case BreakKind.NONFINITE:
            return "nan"
        case BreakKind.ZERO:
            return "zero"
        case BreakKind.ABOVE:
            return f"norm > {condition.bound:g}"
        case BreakKind.BELOW:
            return f"norm < {condition.bound:g}"
        case BreakKind.MODULE:
            return f"module {condition.name}"
        case BreakKind.PARAMETER:
            return f"param {condition.name}"
        case BreakKind.LINE:
            return f"{_short(condition.file)}:{condition.line}"
    place = f" at {_short(condition.file)}:{condition.line}" if condition.file else ""
    number = f", number {condition.occurrence + 1}" if condition.occurrence >= 0 else ""
    return f"node {condition.name}{place}{number}"


def means(condition: Break) -> str:
    """What it waits for, in a sentence's half."""
    match condition.kind:
        case BreakKind.NONFINITE:
            return "the first gradient that holds NaN or Inf"
        case BreakKind.ZERO:
            return "the first gradient that is zero everywhere"
        case BreakKind.ABOVE | BreakKind.BELOW:
            return "a gradient whose norm crosses the bound, or is beyond it from the start"
        case BreakKind.MODULE:
            return "backward enters the module"
        case BreakKind.PARAMETER:
            return "a gradient is accumulated into it"
        case BreakKind.LINE:
            return "backward comes to what the line made"
    return "backward comes to such a node"


def true_of(condition: Break, grad: GradSummary) -> bool:
    """Whether a break that waits for a value has been waiting for this gradient."""
    match condition.kind:
        case BreakKind.NONFINITE:
            return grad.health in (GradHealth.NAN, GradHealth.INF)
        case BreakKind.ZERO:
            return grad.health is GradHealth.ZERO
        case BreakKind.ABOVE:
            return grad.norm > condition.bound
        case BreakKind.BELOW:
            return 0 < grad.norm < condition.bound
    return False


def _short(file: str) -> str:
    return file.rsplit("/", 1)[-1]
