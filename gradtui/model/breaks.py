"""Where a running backward is to be held: conditions that the debuggee tests, node by node."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BreakKind(StrEnum):
    NODE = "node"
    """Before nodes of one name, made by calls at one place."""
    MODULE = "module"
    """Before the first node of a module, each time backward enters it."""
    PARAMETER = "parameter"
    """Before a gradient is accumulated into it."""
    LINE = "line"
    """Before the first node that a source line made, each time backward comes to it."""
    NONFINITE = "nonfinite"
    """At the first gradient that holds NaN or Inf, wherever none came before it.

    This and the kinds below hold right after the node that sent such a gradient and received none like it,
    which is the last one passed. Where no node follows it holds at the end of backward: `next_node` is NONE.
    """
    ZERO = "zero"
    """At the first gradient that is zero in every element, wherever none came before it."""
    ABOVE = "above"
    """At a gradient whose norm has come above a bound: the node that sent it received none above it."""
    BELOW = "below"
    """At a gradient whose norm has come below a bound, and isn't zero."""


@dataclass(frozen=True, slots=True)
class Break:
    """One condition. It is told by names and places, not by numbers, so that it outlives an iteration."""

    kind: BreakKind
    name: str = ""
    """The node's name as torch gives it, the module's path or the parameter's full name."""
    file: str = ""
    """For NODE and LINE, absolute."""
    line: int = 0
    occurrence: int = -1
    """For NODE: which of the nodes of that name and place, from 0 in the order of capture; -1: all."""
    bound: float = 0.0
    """For ABOVE and BELOW, a norm."""
