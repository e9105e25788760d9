"""One workload of one size, from its recording to its rows: the CPU seconds of each part, as JSON on stdout.

`python -m tests.benchmarks.growing adds 10000`, a process of its own: a deep graph whose nodes Python has
touched is released by recursion, so this one ends without releasing anything.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from itertools import accumulate
from typing import ParamSpec, TypeVar
from unittest.mock import patch

import torch
from torch import Tensor

from gradtui.debuggee import stops
from gradtui.debuggee.capture import capture
from gradtui.debuggee.snapshots import SnapshotTaker
from gradtui.diagnosis.engine import diagnose
from gradtui.diagnosis.outline.lines import Lines
from gradtui.model.messages import Stopped
from gradtui.model.snapshot import Snapshot
from gradtui.tui.finder import Finder
from gradtui.tui.view import View, view
from gradtui.tui.widgets import graph_tree
from gradtui.wire.codec import decode, encode
from tests.benchmarks import workloads
from tests.benchmarks.workloads import Forward
from tests.debuggee.recording import recording

P = ParamSpec("P")
R = TypeVar("R")

WORKLOADS = {"adds": workloads.adds, "blocks": workloads.blocks}
QUERIES = [*accumulate("lerpbackward"), *accumulate("nowhere")]
"""As they are typed, a letter a key; to the end of the second there is nothing."""


HELD: list[tuple[Forward, Tensor]] = []
"""Models, without which there would be no modules, and losses, whose graphs aren't to be released."""


class Parts:
    """What has been timed."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def timed(self, name: str, work: Callable[P, R], times: int = 1) -> Callable[P, R]:
        """The same work, whose CPU time is noted; `times` tells how many keys it stands for."""

        def noted(*args: P.args, **kwargs: P.kwargs) -> R:
            begin = time.process_time()
            result = work(*args, **kwargs)
            self.seconds[name] = (time.process_time() - begin) / times
            return result

        return noted


def recorded(make: Callable[[], Forward], parts: Parts) -> Snapshot:
    """The snapshot of the stop before backward."""
    captured = parts.timed("capture of the graph", capture)
    snapped = parts.timed("its snapshot", SnapshotTaker.snapshot)
    with (
        recording() as made,
        patch.object(stops, "capture", captured),
        patch.object(SnapshotTaker, "snapshot", snapped),
    ):
        forward, loss = parts.timed("recording", lambda: ran(make))()
        HELD.append((forward, loss))
        loss.backward()
    return made.snapshots[0]


def ran(make: Callable[[], Forward]) -> tuple[Forward, Tensor]:
    forward = make()
    return forward, forward()


def shown(snapshot: Snapshot, parts: Parts) -> View:
    """What the viewer makes of a snapshot before it draws anything."""
    line = parts.timed("encoding", encode)(Stopped(snapshot))
    message = parts.timed("decoding", decode)(line)
    assert isinstance(message, Stopped)
    findings = parts.timed("diagnosis", diagnose)([message.snapshot])
    return parts.timed("rows, words and groups", view)([message.snapshot], lambda *_: findings)


def used(shown: View, parts: Parts) -> None:
    """What keys ask for, without what drawing the screen takes."""
    finder, lines = Finder(shown.labels), Lines(shown.rows, shown.groups)

    def search() -> None:
        for query in QUERIES:
            finder.next(query, 0, 1)

    def go_to_cuts() -> None:
        for _, row in cuts:
            lines.show(row)
            lines.index(lines.place(row))

    def fold_and_unfold() -> None:
        lines.fold_all()
        lines.fold_only(())

    parts.timed("what the first search waits for", finder.prepare)()
    parts.timed("search, a letter", search, len(QUERIES))()
    parts.timed("what the first fold waits for", lines.prepare)()
    parts.timed("fold all and unfold all", fold_and_unfold)()
    cuts = parts.timed("where the cuts are", graph_tree.stops)(shown)
    if cuts:
        lines.fold_all()
        parts.timed("next cut", go_to_cuts, len(cuts))()


def grown(name: str, size: int) -> dict[str, float]:
    parts = Parts()
    snapshot = recorded(WORKLOADS[name](size), parts)
    gc.freeze()  # the viewer is another process, that hasn't a graph to look through
    used(shown(snapshot, parts), parts)
    return parts.seconds


if __name__ == "__main__":
    torch.set_num_threads(1)
    workload, count = sys.argv[1], int(sys.argv[2])
    grown(workload, 300)  # what is imported or cached at the first time belongs to nobody
    sys.stdout.write(json.dumps(grown(workload, count)))
    sys.stdout.flush()
    os._exit(0)
