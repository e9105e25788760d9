"""What backward did at one node, as lines of the node pane: what it was handed, and what it sent where."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from rich.text import Text

from gradtui.model.columns import NONE
from gradtui.model.gradients import GradSummary, Passed
from gradtui.tui.backward_status import node_name
from gradtui.tui.gradients import table
from gradtui.tui.palette import CUT, MUTED
from gradtui.tui.passage import Passage
from gradtui.tui.view import View


def passed_lines(view: View, row: int, passage: Passage, width: int) -> list[Text]:
    """One line a gradient, at the moment shown; nothing for a row that is no node of this backward."""
    node = view.rows.vertex[row]
    if node >= view.rows.nodes:
        return []
    return list(_lines(view, node, passage, width))


def _lines(view: View, node: int, passage: Passage, width: int) -> Iterator[Text]:
    passed = passage.of(node)
    coming = node == passage.next_node
    if passed is None and not coming:
        over = (passage.ended or passage.raised) and not passage.past
        yield Text("Backward didn't come here." if over else "Backward hasn't been here yet.", MUTED)
        yield Text()
        return
    if coming:
        if passage.raised and not passage.past and passage.last is not None:
            for line in passage.last.error.strip().splitlines()[:1]:
                yield from (Text(part, CUT) for part in wrap(line, width))
        if any(passage.receives):
            yield from table(_numbered("handed", passage.receives), width)
    else:
        assert passed is not None
        sent = list(_sent(view, passed))
        yield from table([*_numbered("received", passed.received), *sent], width)
        if view.labels.graph.leaf[node] != NONE:
            yield Text("and added it to .grad", MUTED)
    yield Text()


def _numbered(word: str, grads: tuple[GradSummary | None, ...]) -> list[tuple[str, GradSummary | None]]:
    if len(grads) == 1:
        return [(word, grads[0])]
    return [(f"{word} {number}", grad) for number, grad in enumerate(grads)]


def _sent(view: View, passed: Passed) -> Iterator[tuple[str, GradSummary | None]]:
    """What it sent, by where it went; what nobody asked for is left out."""
    graph = view.labels.graph
    targets = graph.edges[passed.node] if 0 <= passed.node < len(graph) else []
    for number, grad in enumerate(passed.sent):
        target = targets[number] if number < len(targets) else NONE
        if target != NONE:
            yield f"→ {node_name(view, target)}", grad
