"""What could not be watched of a program, and why: verdicts go by the reason, people read the sentence."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Unwatched(StrEnum):
    """Why something wasn't watched."""

    BROKEN_OFF = "broken off"
    """Recording ended before the program did."""
    THREAD = "thread"
    PROCESS = "process"
    COMPILED = "compiled"
    CAPTURED = "captured"
    UNREAD = "unread"
    """The user didn't want to wait for all of it."""


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part of the program that wasn't watched."""

    why: Unwatched
    told: str
    """In a whole sentence."""


IN_ANOTHER_THREAD = Unseen(
    Unwatched.THREAD, "Modules were called in another thread: what was computed there isn't recorded."
)
IN_OTHER_PROCESSES = Unseen(
    Unwatched.PROCESS,
    "The program started other processes, and what they computed isn't recorded: let each run under gradtui.",
)
IN_COMPILED = Unseen(
    Unwatched.COMPILED, "Compiled code was run: what is computed inside it, a step perhaps, isn't recorded."
)
IN_CUDA_GRAPH = Unseen(
    Unwatched.CAPTURED,
    "A CUDA graph was captured: backward can't be held or looked at meanwhile, and what its replays compute "
    "isn't recorded.",
)


def broken_off(fault: str) -> Unseen:
    """Recording ended early by a fault of ours, which is given in a few words."""
    return Unseen(Unwatched.BROKEN_OFF, f"Recording ended early by a fault of gradtui's: {fault}.")


def left_unread(nodes: int) -> Unseen:
    """Of a graph no more than so many nodes were read, as the user wished."""
    told = (
        f"The graph was left unread after {nodes:,} nodes, as you wished: what is wrong with it isn't known."
    )
    return Unseen(Unwatched.UNREAD, told)


def left_out(calls: int, read: int) -> Unseen:
    """Only so many of the last calls were read, as the user wished."""
    told = f"Of {calls:,} calls only the last {read:,} were read, as you wished"
    return Unseen(Unwatched.UNREAD, f"{told}: which lines made older nodes isn't known, nor what is wrong.")


def broke_off(unseen: Iterable[Unseen]) -> bool:
    """Whether recording ended before the program did."""
    return any(one.why is Unwatched.BROKEN_OFF for one in unseen)
