"""What is known of the node or tensor under the tree's cursor; where something isn't known, it says so."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.text import Text
from textual.reactive import reactive

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.diagnosis.naming import shape_text
from gradtui.diagnosis.outline import Mark
from gradtui.diagnosis.sentences import clause
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding
from gradtui.model.owners import GradState, Parameter, Role
from gradtui.model.trace import CallFlag, Kind, Value, ValueFlag
from gradtui.report.places import relative
from gradtui.tui.empty import without_node
from gradtui.tui.palette import CUT, MUTED, WARNING
from gradtui.tui.passage import Passage
from gradtui.tui.statuses import style_of
from gradtui.tui.view import View
from gradtui.tui.widgets.passed import passed_lines
from gradtui.tui.widgets.rows import Rows

UNKNOWN = Text("unknown", MUTED)
LABEL = 15

Fact = tuple[str, Text]


class Details(Rows):
    """Two columns of facts about one row."""

    view: reactive[View | None] = reactive(None, init=False)
    row: reactive[int] = reactive(NONE, init=False, repaint=False)

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name for it
        super().__init__(id=id)
        self.folded = 0
        """How many rows are folded into the line of which this is the first; 0 where none are."""
        self.facts: list[Fact] = []
        self.lines: list[Text] = []
        self.passage = Passage()

    @property
    def count(self) -> int:
        return len(self.lines)

    def line(self, index: int, width: int) -> Text:  # noqa: ARG002 - lines are laid out beforehand
        return self.lines[index].copy()

    def why_empty(self) -> str:
        return without_node(self.view) if self.view is not None else ""

    def watch_view(self) -> None:
        self.tell()

    def watch_row(self) -> None:
        self.tell()

    def on_resize(self) -> None:
        self.tell()

    def tell(self) -> None:
        view, row = self.view, self.row
        self.facts = []
        if view is not None and 0 <= row < len(view.rows):
            self.facts = list(facts(view, row))
            if self.folded > 1:
                words = f"this is the first of {self.folded:,} rows that are folded here"
                self.facts.insert(0, ("folded", Text(words, WARNING)))
        width = max(20, self.inner.width - 2)
        before, at = self.lines, self.cursor
        self.lines = list(_lines(self.facts, width))
        if view is not None and self.facts and self.passage.begun:
            after = 1 + len([*_lines(self.facts[:1], width)]) if self.folded > 1 else 1
            self.lines[after:after] = passed_lines(view, row, self.passage, width)
        self.set_reactive(Details.cursor, 0)
        if at or self.scroll_y or len(self.lines) != len(before):
            self.scroll_to(y=0, animate=False)
            self.renew()
            return
        for number, (line, old) in enumerate(zip(self.lines, before, strict=True)):
            if line != old:  # most of what is told of two rows is the same
                self.refresh_line(number)

    def copied(self) -> str:
        return "\n".join(f"{label:<{LABEL}}{text.plain}" for label, text in self.facts)


def facts(view: View, row: int) -> Iterator[Fact]:
    """Everything about a row, the most telling first."""
    rows = view.rows
    vertex = rows.vertex[row]
    if rows.leaf[vertex] != NONE:
        yield from _leaf_facts(view, row, rows.leaf[vertex])
    else:
        yield from _call_facts(view, row, vertex)


def _leaf_facts(view: View, row: int, tensor: int) -> Iterator[Fact]:
    parameter = view.labels.parameters.get(tensor)
    severed = bool(view.rows.marks[row] & Mark.SEVERED)
    if parameter is None:
        yield "name", UNKNOWN
        yield "shape", Text(view.labels.shape(view.rows.vertex[row]) or "unknown")
        yield "is_leaf", Text("True")
        yield "optimizer", _optimizer(view, tensor)
        return
    names = ", ".join((view.labels.name_of(parameter), *parameter.names[1:]))
    yield "name", Text(names, "bold")
    yield "gradient", _gradient(view, parameter, severed)
    yield from _tensor_facts(parameter)
    yield "optimizer", _optimizer(view, tensor)
    yield "made by", _made(view, parameter)


def _gradient(view: View, parameter: Parameter, severed: bool) -> Text:
    """How it stands, in the word that is used of it everywhere, and why."""
    blame, grad_status = why(view, parameter), view.grad_statuses.shown(parameter)
    comes = "another way than this gives it one" if severed else "by this backward"
    reason = {
        GradStatus.REACHED: comes,
        GradStatus.IN_VAIN: f"reached {comes}; but {_spoilt(view, parameter)}",
        GradStatus.WILL_RAISE: "this backward would come to it, and raises on the way or elsewhere",
        GradStatus.RAISED_BEFORE: "this backward raised before it came here",
        GradStatus.CUT: blame or "this backward doesn't come here",
        GradStatus.NOT_IN_LOSS: "it gets none",
        GradStatus.FROZEN: "requires_grad is False, so it gets none",
        GradStatus.UNKNOWN: "its graph was left unread" if view.left_unread else "no backward is at hand",
    }[grad_status]
    return Text(f"{grad_status.value}: {reason}", style_of(grad_status))


def why(view: View, parameter: Parameter) -> str:
    """Which finding a parameter is affected by, in a few words; empty where there is none."""
    finding = blamed(view, parameter)
    return f"{finding.rule} at {finding.place}" if finding is not None else ""


def _spoilt(view: View, parameter: Parameter) -> str:
    """Why a parameter learns nothing by the gradient that it gets."""
    finding = blamed(view, parameter)
    if finding is None:
        return "it is NaN or infinite"
    return f"{finding.place}: {clause(finding.message)}"


def blamed(view: View, parameter: Parameter) -> Finding | None:
    """The first finding that a parameter is affected by."""
    for finding in view.findings:
        if view.concerns(finding, parameter) and finding not in view.elsewhere:
            return finding
    return None


def _tensor_facts(parameter: Parameter) -> Iterator[Fact]:
    yield "shape", Text(shape_text(parameter.shape))
    yield "dtype", Text(f"{parameter.dtype}  on {parameter.device}")
    frozen = not parameter.requires_grad
    yield "requires_grad", Text(str(parameter.requires_grad), WARNING if frozen else "")
    yield "is_leaf", Text(str(parameter.is_leaf))
    yield "grad_fn", Text("none: a leaf has no grad_fn" if parameter.is_leaf else "unknown", MUTED)
    yield "grad", Text(_GRADS[parameter.grad])
    yield "version", Text(f"{parameter.version} now")
    yield "retains_grad", Text(str(parameter.retains_grad))
    yield "hooks", Text(str(parameter.hooks))
    yield "kept as", Text(_ROLES[parameter.role])
    for odd in parameter.odd_names:
        yield "odd attribute", Text(f"{odd}: misspelt?", WARNING)


_GRADS = {
    GradState.NONE: "None",
    GradState.ZERO: "all zero",
    GradState.NONFINITE: "has NaN or infinite values",
    GradState.PRESENT: "there is one from before",
}
_ROLES = {
    Role.PARAMETER: "a registered parameter",
    Role.BUFFER: "a buffer",
    Role.ATTRIBUTE: "a plain attribute: not registered",
    Role.LEAF: "a tensor of the program's own",
}


def _optimizer(view: View, tensor: int) -> Text:
    held = [
        f"{optimizer.name} ({optimizer.kind}), group {number}"
        for optimizer in view.snapshot.optimizers
        for number, group in enumerate(optimizer.groups)
        if tensor in group.tensors
    ]
    if held:
        return Text("; ".join(held))
    return Text("in none", WARNING) if view.snapshot.optimizers else Text("the program has none yet", MUTED)


def _made(view: View, parameter: Parameter) -> Text:
    if parameter.made == NONE:
        return UNKNOWN
    site = view.snapshot.trace.sites[parameter.made]
    return Text(f"{parameter.made_by or 'code'} at {relative(site.file, view.snapshot.folder)}:{site.line}")


def _call_facts(view: View, row: int, vertex: int) -> Iterator[Fact]:
    rows, labels, trace = view.rows, view.labels, view.snapshot.trace
    call = rows.call[vertex]
    if labels.raised(row):
        yield from _raised_facts(view, call)
        return
    is_node = vertex < rows.nodes
    # Beside the graph, and not cut off from it.
    rebuilt = bool(rows.nodes) and not is_node and not rows.marks[row] & (Mark.CUT | Mark.SEVERED)
    value = _result(view, call)
    yield "name", Text(labels.said(call) or "unknown", "bold")
    if rows.marks[row] & Mark.CUT:
        style = CUT if rows.marks[row] & Mark.BLAMED else WARNING
        yield "tracking", Text("stops here: a tracked tensor went in, an untracked one came out", style)
    elif rows.marks[row] & Mark.SEVERED:
        words = "cut off from this backward" if view.grave else "not part of this backward"
        yield "tracking", Text(words, CUT if view.grave else MUTED)
    elif rebuilt:
        yield "tracking", Text("under a checkpoint: backward runs it once more, with a graph")
    yield "grad_fn", _grad_fn(view, vertex, is_node, rebuilt, value)
    yield "shape", Text(labels.shape(vertex) or "unknown")
    if call != NONE and trace.kind[call] == Kind.ESCAPE and len(trace.inputs[call]):
        given = trace.value(trace.inputs[call][0])
        yield "dtype", Text(f"{given.dtype}  on {given.device}")
        yield "requires_grad", Text("its values left torch, and with them nothing is tracked", WARNING)
    elif value is None:
        yield "dtype", UNKNOWN
        yield "requires_grad", Text("True") if is_node else UNKNOWN
    else:
        yield "dtype", Text(f"{value.dtype}  on {value.device}")
        yield "requires_grad", _requires_grad(value)
        yield "is_leaf", Text(str(bool(value.flags & ValueFlag.LEAF)))
    yield "version", _version(view, vertex, value)
    yield "made by", Text(trace.call(call).function) if call != NONE else UNKNOWN
    if call != NONE and (modes := _modes(view, call)):
        yield "under", Text(modes, WARNING)
    yield "module", Text(labels.module(call) or ("none" if call != NONE else "unknown"))
    yield "retains_grad", _retains(value)
    yield "hooks", _hooks(value)
    if call != NONE:
        yield from _input_facts(view, call)
    yield from _tie_facts(view, call)


def _raised_facts(view: View, call: int) -> Iterator[Fact]:
    """What is known of a call that gave nothing: what it was given."""
    labels, raised = view.labels, view.snapshot.raised
    yield "name", Text(labels.said(call) or "unknown", "bold")
    yield "result", Text(f"none: it raised{f' {raised.type}' if raised is not None else ''}", CUT)
    yield from _input_facts(view, call)
    yield "made by", Text(view.snapshot.trace.call(call).function)
    if modes := _modes(view, call):
        yield "under", Text(modes, WARNING)
    yield "module", Text(labels.module(call) or "none")


def _result(view: View, call: int) -> Value | None:
    if call == NONE:
        return None
    outputs = view.snapshot.trace.outputs[call]
    return view.snapshot.trace.value(outputs[0]) if outputs else None


def _requires_grad(value: Value) -> Text:
    if value.flags & ValueFlag.APART:
        return Text("True, but it is a leaf: a view made under no_grad, so no gradient goes further", WARNING)
    return Text(str(value.requires_grad), "" if value.requires_grad else WARNING)


def _grad_fn(view: View, vertex: int, is_node: bool, rebuilt: bool, value: Value | None) -> Text:
    if is_node and view.snapshot.graph is not None:
        return Text(view.snapshot.graph.node_name(vertex))
    if value is not None and (not value.requires_grad or value.flags & ValueFlag.APART):
        return Text("None")
    if rebuilt:
        return Text("made while backward runs", MUTED)
    return Text("not part of this backward" if view.about_backward else "no backward is at hand", MUTED)


def _version(view: View, vertex: int, value: Value | None) -> Text:
    stale = view.labels.stale.get(vertex) if vertex < view.rows.nodes else None
    if stale is not None:
        raises = "backward raises" if view.grad_statuses.raised else "backward will raise"
        return Text(f"{stale.actual} now, {stale.expected} when saved: {raises}", f"bold {CUT}")
    if value is None:
        return UNKNOWN
    now = _version_now(view, value)
    if now > value.version:
        return Text(f"{now} now, {value.version} when made: written since", WARNING)
    return Text(f"{now}, unchanged since it was made")


def _version_now(view: View, value: Value) -> int:
    """The version of the latest value of the same tensor."""
    return view.labels.versions.get(value.tensor, value.version)


def _retains(value: Value | None) -> Text:
    if value is not None and not value.requires_grad:
        return Text("it requires no grad and gets none", MUTED)
    if value is not None and value.flags & ValueFlag.LEAF:
        return Text("a leaf keeps its gradient anyway", MUTED)
    if value is None or not value.flags & ValueFlag.ALIVE:
        return Text("the tensor is gone" if value is not None else "unknown", MUTED)
    return Text(str(bool(value.flags & ValueFlag.RETAINS_GRAD)))


def _hooks(value: Value | None) -> Text:
    """Whether hooks hang on the tensor that a call gave; a leaf's are counted with its other facts."""
    if value is None or not value.flags & ValueFlag.ALIVE:
        return Text("the tensor is gone" if value is not None else "unknown", MUTED)
    return Text("some of the program's" if value.flags & ValueFlag.HOOKED else "none")


def _modes(view: View, call: int) -> str:
    flags = view.snapshot.trace.call(call).flags
    if flags & CallFlag.INFERENCE:
        return "inference_mode"
    found = [] if flags & CallFlag.GRAD else ["no_grad: grad mode was off"]
    if flags & CallFlag.AUTOCAST:
        found.append("autocast")
    if flags & CallFlag.BACKWARD:
        found.append("a backward that was running")
    return ", ".join(found)


def _input_facts(view: View, call: int) -> Iterator[Fact]:
    trace = view.snapshot.trace
    for number, value in enumerate(trace.inputs[call][:6]):
        item = trace.value(value)
        parameter = view.labels.parameters.get(item.tensor)
        if parameter is not None:
            name = view.labels.name_of(parameter)
        elif item.producer.kind is Kind.SEEN:
            name = "data"
        else:
            name = view.labels.said(item.producer.index) or item.producer.function
        asks = "" if item.requires_grad else "  no grad"
        yield (
            f"input {number}" if number else "inputs",
            Text.assemble(f"{name} {shape_text(item.shape)}", (asks, MUTED)),
        )


def _tie_facts(view: View, call: int) -> Iterator[Fact]:
    for tie in view.snapshot.trace.ties:
        if tie.target == call:
            sure = "" if tie.exact else "likely: "
            yield "came from", Text(f"{sure}{view.snapshot.trace.call(tie.source).function}, {tie.how}")


def _lines(found: list[Fact], width: int) -> Iterator[Text]:
    """Facts as lines: label and text, the text wrapped beside its label."""
    for label, text in found:
        room = max(10, width - LABEL)
        for number, part in enumerate(_wrapped(text, room)):
            yield Text.assemble((f"{label if not number else '':<{LABEL}}", MUTED), part)


def _wrapped(text: Text, room: int) -> list[Text]:
    if cell_len(text.plain) <= room:
        return [text]
    lines: list[Text] = []
    line = Text(style=text.style)
    for word in text.plain.split(" "):
        if line.plain and line.cell_len + 1 + cell_len(word) > room:
            lines.append(line)
            line = Text(style=text.style)
        line.append(f" {word}" if line.plain else word)
    return [*lines, line]
