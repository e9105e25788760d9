"""Breaks, values and expressions: what opens a screen of its own over the panes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType

from gradtui.model.breaks import Break, BreakKind
from gradtui.model.columns import NONE
from gradtui.model.source import Site
from gradtui.tui.backward_status import node_name
from gradtui.tui.breaks import ELSEWHERE, Known, said
from gradtui.tui.gradients import table
from gradtui.tui.marked import break_at_node, is_elsewhere
from gradtui.tui.screens.stepping import Stepping
from gradtui.tui.subject import Subject
from gradtui.tui.view import View
from gradtui.tui.widgets.parameters import Parameters
from gradtui.tui.widgets.source import Source

if TYPE_CHECKING:
    from gradtui.tui.screens.evaluate import Line

FIGURES = 100
"""Cells for figures of gradients."""


class Inspection(Stepping):
    """Sets breaks where the cursor is, lists them, and shows what tensors and expressions are worth."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "break", "Break here, or no more", id="break"),
        Binding("B", "breaks", "The list of breaks", id="breaks"),
        Binding("v", "value", "The value of the tensor", id="value"),
        Binding("colon", "evaluate", "Evaluate an expression", id="evaluate"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.history: list[str] = []
        self.answers: list[Line] = []

    # breaks

    def action_break(self) -> None:
        """Set a break on what the cursor of the pane is on, or take it away."""
        view = self.view
        if self.status.recorded:
            self.say(self.status.over)
            return
        if view is None:
            words = "Nothing to break at before the first stop; {breaks} takes `nan` and the like."
            self.say(self.keyed(words), running=True)
            return
        condition = self._break_here(view)
        if condition is None:
            self.say("There is nothing here that backward could be held at.")
            return
        kept = self.breaks.toggle(condition)
        self.arm()
        what = "Break set" if kept else "No break any more"
        elsewhere = f" {ELSEWHERE}" if kept and is_elsewhere(view, condition) else ""
        if kept and not self.status.running:
            elsewhere = " It holds from the next run on."
        words = f"{what}: {said(condition)}.{elsewhere}"
        whole = f"{words} {self.names['breaks']} lists all."
        self.say(whole if len(whole) + 2 <= self.size.width else words)

    def _break_here(self, view: View) -> Break | None:
        if self.focused_pane == "parameters":
            name = self.query_one(Parameters).name_here
            return Break(BreakKind.PARAMETER, name) if name else None
        if self.focused_pane == "source":
            source = self.query_one(Source)
            return Break(BreakKind.LINE, file=source.path, line=source.cursor + 1) if source.path else None
        row = self.graph.row
        node = view.rows.vertex[row] if row != NONE else NONE
        return break_at_node(view, node) if 0 <= node < view.rows.nodes else None

    def action_breaks(self) -> None:
        from gradtui.tui.screens.breaks import BreaksScreen

        def elsewhere(condition: Break) -> bool:
            return self.view is not None and is_elsewhere(self.view, condition)

        self.app.push_screen(BreaksScreen(self.breaks, self._known, elsewhere, self.arm))

    def _known(self) -> Known:
        view = self.view
        if view is None:
            return Known()
        snapshot, graph = view.snapshot, view.labels.graph
        return Known(
            tuple(dict.fromkeys([*view.sources, *(site.file for site in snapshot.trace.sites if site.line)])),
            tuple(module.name for module in snapshot.modules if module.name),
            tuple(name for item in snapshot.parameters for name in item.names),
            tuple(graph.names),
        )

    # values

    def action_value(self) -> None:
        """Show the tensor of the row, and with it its gradients."""
        view = self.view
        if not self.status.held or view is None:
            when = "" if self.status.running else f" {self.status.over}"
            self.say(f"Values can be looked at while the program is held.{when}")
            return
        subjects = self._subjects(view)
        if not subjects:
            self.say("No tensor is known of this row.")
            return
        from gradtui.tui.screens.value import ValueScreen

        self.app.push_screen(ValueScreen(subjects, self._instead(view)))

    def _instead(self, view: View) -> str:
        """How something of a row can be had whose tensor is gone."""
        row = self.graph.row
        node = view.rows.vertex[row] if row != NONE and self.focused_pane != "parameters" else NONE
        if 0 <= node < view.rows.nodes and view.steppable and not self.passage.ended:
            return self.keyed("{to-row}, then {value}: its gradient.")
        return "A name in the script would keep it."

    def _subjects(self, view: View) -> list[Subject]:
        if self.focused_pane == "parameters":
            parameters = self.query_one(Parameters)
            tensor, name = parameters.tensor_here, parameters.name_here
            node = NONE
        else:
            row = self.graph.row
            node = view.rows.vertex[row] if row != NONE else NONE
            tensor = _tensor(view, node)
            name = view.labels.label(row).words if row != NONE else ""
        found, figures = self._sent(view, node), self._figures(node)
        if node != NONE and node == self.passage.next_node and not self.passage.past:
            many = len(self.passage.receives) > 1
            found += [
                Subject(
                    f"the gradient{f' {slot}' if many else ''} that {node_name(view, node)} is handed",
                    node=node,
                    slot=slot,
                )
                for slot, grad in enumerate(self.passage.receives)
                if grad is not None
            ]
        if tensor != NONE:
            found.append(Subject(name, tensor, figures=figures))
            found.append(Subject(f"{name}.grad", tensor, grad=True, figures=figures))
        return found

    def _figures(self, node: int) -> tuple[Text, ...]:
        """What is known of the gradients of a node that backward has passed."""
        passed = self.passage.of(node)
        if passed is None:
            return ()
        received, sent = len(passed.received) > 1, len(passed.sent) > 1
        lines = [
            *(
                (f"handed {slot}" if received else "handed", grad)
                for slot, grad in enumerate(passed.received)
            ),
            *((f"sent {slot}" if sent else "sent", grad) for slot, grad in enumerate(passed.sent)),
        ]
        return tuple(table(lines, FIGURES))

    def _sent(self, view: View, node: int) -> list[Subject]:
        """The gradient that the node passed last has sent, where the next node is handed nothing else."""
        passage = self.passage
        latest, following, graph = passage.latest, passage.next_node, view.labels.graph
        if latest is None or passage.past or latest.node != node or not 0 <= following < len(graph):
            return []
        if graph.edges.flat.count(following) != 1 or following not in graph.edges[node]:
            return []
        title = f"the gradient that {node_name(view, node)} sent, and {node_name(view, following)} is handed"
        return [
            Subject(title, node=following, slot=slot)
            for slot, grad in enumerate(passage.receives)
            if grad is not None
        ]

    # expressions

    def action_evaluate(self) -> None:
        if not self.status.held:
            self.say("Expressions are evaluated while the program is held.")
            return
        from gradtui.tui.screens.evaluate import EvaluateScreen

        frames = self.view.frames if self.view is not None else []
        source = self.query_one(Source)
        # Who called the call of a row is often still there at the stop, one loop around both at the least.
        frame = _alike(frames, source.site) if source.frame else 0
        self.app.push_screen(EvaluateScreen(self.history, self.answers, frames, frame))


def _alike(frames: Sequence[Site], site: Site | None) -> int:
    """Which of the frames of the stop a line was seen in; the innermost where it is none of them."""
    ways = ("file", "function", "line"), ("file", "function")
    for names in ways if site is not None else ():
        for number, frame in enumerate(frames):
            if all(getattr(frame, name) == getattr(site, name) for name in names):
                return number
    return 0


def _tensor(view: View, vertex: int) -> int:
    """The tensor that a row is about."""
    if vertex == NONE:
        return NONE
    leaf, call = view.rows.leaf[vertex], view.rows.call[vertex]
    if leaf != NONE:
        return leaf
    trace = view.snapshot.trace
    outputs = trace.outputs[call] if call != NONE else []
    if not len(outputs) and call != NONE:
        outputs = trace.inputs[call]
    return trace.tensor[outputs[0]] if len(outputs) else NONE
