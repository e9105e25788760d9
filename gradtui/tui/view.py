"""Everything the panes show of one stop: a snapshot, what was found, its rows and their words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from gradtui.diagnosis.grad_status import Course, GradStatus, GradStatuses
from gradtui.diagnosis.margin import Made, made_by_lines
from gradtui.diagnosis.outline import MOST, Mark, Outline, RowKind, outline
from gradtui.diagnosis.outline.groups import Groups, grouped
from gradtui.diagnosis.outline.row_filters import severed_with
from gradtui.model.columns import NONE
from gradtui.model.findings import Finding, Rule
from gradtui.model.owners import Optimizer, Parameter
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site
from gradtui.model.stops import BACKWARDS, Raised, Stop, StopKind
from gradtui.report.tally import Tally
from gradtui.tui.labels import Labels
from gradtui.tui.raised import places_of, unharmed
from gradtui.tui.status import ScreenPhase

Diagnose = Callable[[Sequence[Snapshot], Collection[str]], tuple[Finding, ...]]
Stage = Callable[[ScreenPhase, int, int], object]
"""Is told what is being made, how far that has come, and of how much; what it raises ends it."""

OF_A_GRAPH = frozenset(
    {
        Rule.DETACH,
        Rule.DATA_ATTR,
        Rule.NUMPY_ROUNDTRIP,
        Rule.PYTHON_SCALAR,
        Rule.TENSOR_CTOR,
        Rule.NO_GRAD,
        Rule.INFERENCE_MODE,
        Rule.GRAD_MODE_OFF,
        Rule.NONDIFFERENTIABLE_OP,
        Rule.INTEGER_CAST,
        Rule.ZERO_GRADIENT,
        Rule.NAN_GRADIENT,
        Rule.CUSTOM_FUNCTION,
        Rule.CHECKPOINT,
        Rule.FRESH_LEAF_LOSS,
    }
)
"""What is about lines that have made a graph, or would have."""


@dataclass(frozen=True)
class View:
    """One stop, ready to be shown."""

    snapshot: Snapshot
    findings: tuple[Finding, ...]
    rows: Outline
    labels: Labels
    sources: Mapping[str, str]
    groups: Groups = field(default_factory=Groups)
    """Rows of one module, and modules that repeat."""
    made: Mapping[str, Mapping[int, Made]] = field(default_factory=dict)
    """By file and line what the tree has of it."""
    reached: frozenset[int] = field(default_factory=frozenset)
    """Identities of the tensors that this backward will accumulate gradients into."""
    judged: bool = True
    """Whether anybody has looked for findings."""
    part: bool = False
    """Whether only the first nodes have rows, or where there is no graph the last calls."""
    since: tuple[Snapshot, ...] = ()
    """What was seen on the way, where the program has gone on from the stop."""
    tally: Tally = field(default_factory=Tally)
    """How the gradients stood that were judged up to now, in all of the run."""
    muted: int = 0
    """How many errors and warnings are left out of `findings`, as somebody wants."""
    quiet: bool = False
    """Whether notes are only counted."""
    course: Course = field(default_factory=Course)
    """How the backward went that is held, where it was stepped through."""

    def __post_init__(self) -> None:
        self.labels.grad_statuses = self.grad_statuses

    @property
    def site(self) -> Site | None:
        """Where the program stopped."""
        index = self.snapshot.stop.site
        return self.snapshot.trace.sites[index] if index != NONE else None

    @property
    def frames(self) -> list[Site]:
        """The user's lines that led to the stop, innermost first."""
        sites = self.snapshot.trace.sites
        stack = [sites[number] for number in self.snapshot.stop.stack]
        found = [site for site in stack if site.user]
        return found or ([self.site] if self.site is not None and self.site.line else [])

    @property
    def latest(self) -> Snapshot:
        """What was seen last."""
        return self.since[-1] if self.since else self.snapshot

    @cached_property
    def stepping(self) -> Snapshot:
        """What tells last what optimizers hold: one that only a function had is gone when that returns."""
        seen = (one for one in reversed(self.since) if any(item.groups for item in one.optimizers))
        return next(seen, self.snapshot)

    @cached_property
    def optimizers(self) -> tuple[Optimizer, ...]:
        """With what they held when that was seen last, and the steps that they have made by now."""
        latest = dict(enumerate(self.latest.optimizers))
        return tuple(
            replace(item, steps=max(item.steps, latest.get(number, item).steps))
            for number, item in enumerate(self.stepping.optimizers)
        )

    @cached_property
    def unstepped(self) -> tuple[Optimizer, ...]:
        """Those that hold something and haven't stepped yet: nothing of theirs has been judged."""
        return tuple(item for item in self.optimizers if item.tensors and not item.steps)

    @property
    def at_the_end(self) -> bool:
        """Whether nothing more is to come: it is held at its end, or at what it raised and nobody catches."""
        return self.ended or self.snapshot.stop.kind is StopKind.EXCEPTION

    @property
    def ended(self) -> bool:
        """Whether the script came to its end without having been held before."""
        return self.snapshot.stop.kind is StopKind.END

    @property
    def about_backward(self) -> bool:
        """Whether a backward is at hand, so that tensors are reached or cut off."""
        return self.snapshot.graph is not None or self.snapshot.stop.kind in BACKWARDS

    @property
    def left_unread(self) -> bool:
        """Whether the graph of the backward at hand was too large to be waited for."""
        return left_unread(self.snapshot)

    def part_of(self, other: View) -> bool:
        """Whether the other has all rows of the stop of which this one has the first."""
        return self.part and not other.part and self.snapshot.stop is other.snapshot.stop

    @property
    def first(self) -> Finding | None:
        return next((finding for finding in self.findings if finding.loud), None)

    @property
    def listed(self) -> tuple[Finding, ...]:
        """The findings that are shown one by one."""
        return tuple(one for one in self.findings if one.loud) if self.quiet else self.findings

    @property
    def notes(self) -> int:
        return sum(not finding.loud for finding in self.findings)

    def row_of(self, finding: Finding) -> int:
        """The row that a finding is about, NONE where the tree has none."""
        row = self._rows_of.get(finding)
        if row is None:  # all rows are looked through, of which there may be a million
            row = self._rows_of[finding] = self._find(finding)
        return row

    @cached_property
    def _rows_of(self) -> dict[Finding, int]:
        return {}

    def _find(self, finding: Finding) -> int:
        place = (finding.file, finding.line, finding.column, finding.end_line, finding.end_column)
        exact = self._row_at(
            lambda site: (site.file, site.line, site.column, site.end_line, site.end_column) == place
        )
        if exact != NONE:
            return exact
        return self.row_at(finding.file, finding.line)

    def cut_by(self, finding: Finding) -> int:
        """The first cut that a finding proves itself by, where it is about a block that makes no row."""
        lines, trace = {(one.file, one.line) for one in finding.evidence}, self.snapshot.trace
        for row in self.rows.cuts:
            call = self.rows.call[self.rows.vertex[row]]
            site = trace.sites[trace.site[call]] if call != NONE else None
            if site is not None and (site.file, site.line) in lines:
                return row
        return NONE

    @cached_property
    def raising(self) -> int:
        """The row at which backward raised, or will raise; or that of the call which did. NONE where there is
        none, or nobody can tell."""
        rows, raised = self.rows, self.snapshot.raised
        if self.course.node != NONE:
            return rows.row_of_node(self.course.node)
        if raised is not None and not raised.in_backward:
            return next((row for row in range(len(rows)) if self.labels.raised(row)), NONE)
        if raised is None and not self.grad_statuses.raises:
            return NONE
        return rows.row_of_node(self._lost() if raised is None else self._failed(raised))

    def _failed(self, raised: Raised) -> int:
        """The node in which a backward raised that nobody stepped through."""
        if "modified by an inplace operation" in raised.message or "a second time" in raised.message:
            return self._lost()
        graph, sites = self.labels.graph, self.snapshot.trace.sites
        for place in raised.stack:
            *_, owner, function = ["", *sites[place].function.split(".")]
            if function == "backward" and owner:
                return self._next_of(
                    node for node in range(len(graph)) if graph.node_name(node) == f"{owner}Backward"
                )
        return NONE

    def _lost(self) -> int:
        """The first node that backward comes to without what it had saved."""
        graph = self.labels.graph
        return self._next_of([*self.labels.stale, *([graph.freed] if graph.freed != NONE else ())])

    def _next_of(self, nodes: Iterable[int]) -> int:
        """Torch runs first what was made last."""
        sequence = self.labels.graph.sequence
        return max(
            (node for node in nodes if node < len(sequence)), key=lambda node: sequence[node], default=NONE
        )

    def row_beside(self, finding: Finding) -> int:
        """The row to see with a finding whose line made none: what it has cut, or where backward raises for
        that; NONE where there is none."""
        if self.explains(finding):
            return self.raising
        cut, raises = self.cut_by(finding), self.grad_statuses.raised or self.grad_statuses.raises
        return self.raising if cut == NONE and raises and finding is self.first else cut

    def explains(self, finding: Finding) -> bool:
        """Whether a finding names the line of the row at which backward raises."""
        row = self.raising
        site = self.labels.site_of(row) if row != NONE else None
        line = (site.file, site.line) if site is not None else ("", 0)
        return finding.loud and line[1] > 0 and line in places_of(finding)

    def way_to(self, row: int) -> int:
        """The row that a way is shown to where the cursor is on a row: none leads to the loss itself, so from
        there it is that to the first finding, or to what that costs; 0 where there is none either."""
        if row != 0 or not self.listed:
            return row
        return max(row, self._way_to_first)

    @cached_property
    def _way_to_first(self) -> int:
        """Where the first finding is told, or what lies beside its line, or the first that it costs."""
        first = self.listed[0]
        named = self.row_of(first)
        beside = self.row_beside(first) if named == NONE else NONE
        lost = self.row_lost(first) if self.another(first) is None else NONE
        return next((row for row in (named, beside) if row > 0), lost)

    def row_lost(self, finding: Finding) -> int:
        """The first row of a parameter that a finding is about, NONE where the tree has none."""
        rows = self.labels.row_of_leaf
        about = (one.tensor for one in self.snapshot.parameters if self.concerns(finding, one))
        return min((rows[tensor] for tensor in about if tensor in rows), default=NONE)

    def another(self, finding: Finding) -> Stop | None:
        """The backward whose graph a finding is about, where that is another one than this tree's, in which
        nothing stands for it; None where it isn't so."""
        shown = self.snapshot.stop
        if finding.rule not in OF_A_GRAPH or shown.kind is not StopKind.BACKWARD:
            return None
        if (
            finding.stop in (0, shown.index)
            or self.row_of(finding) != NONE
            or self.row_beside(finding) != NONE
        ):
            return None
        wanted = (StopKind.BACKWARD, finding.stop)
        return next((stop for stop in self.latest.stops if (stop.kind, stop.index) == wanted), None)

    @cached_property
    def elsewhere(self) -> tuple[Finding, ...]:
        """Findings about a call that cuts off another loss than this: this tree is cut at other places."""
        at_backward = self.snapshot.stop.kind is StopKind.BACKWARD and self.snapshot.raised is None
        if not at_backward or not self.rows.cuts:
            return ()
        detached = (finding for finding in self.findings if finding.rule in (Rule.DETACH, Rule.DATA_ATTR))
        return tuple(finding for finding in detached if self.row_of(finding) == NONE)

    def row_at(self, file: str, line: int) -> int:
        """The first row that was made on a line, NONE where there is none."""
        made = self.made.get(file, {}).get(line)
        return made.row if made is not None else NONE

    def _row_at(self, fits: Callable[[Site], bool]) -> int:
        """The first row made at a place; the cuts are asked before all others, and then what backward reaches
        before what lies beyond a cut: the same line may have made both."""
        trace, rows, beyond = self.snapshot.trace, self.rows, NONE
        wanted = {index for index, site in enumerate(trace.sites) if fits(site)}
        if not wanted:
            return NONE
        for row in rows.cuts:
            if trace.site[rows.call[rows.vertex[row]]] in wanted:
                return row
        for row, vertex in enumerate(rows.vertex):
            call = rows.call[vertex]
            if call != NONE and trace.site[call] in wanted:
                found = rows.row_of[vertex] if rows.row_of[vertex] != NONE else row
                if not rows.marks[found] & Mark.SEVERED:
                    return found
                beyond = found if beyond == NONE else beyond
        return beyond

    @cached_property
    def grad_statuses(self) -> GradStatuses:
        """What this backward does for each tensor that could learn."""
        at_hand = self.about_backward and not self.left_unread
        return GradStatuses(
            self.snapshot,
            self.reached,
            about_backward=at_hand,
            missing=self._missing(),
            course=self.course,
            unharmed=unharmed(self.snapshot, self.findings, self.concerns),
        )

    def _missing(self) -> frozenset[int] | None:
        """The tensors that loud findings name; None where that isn't known, or one names none at all."""
        loud = [finding for finding in self.findings if finding.loud and finding not in self.elsewhere]
        if not self.judged or any(not finding.affected and not finding.tensors for finding in loud):
            return None
        named = {name for finding in loud for name in finding.affected}
        found = {tensor for finding in loud for tensor in finding.tensors}
        by_name = (
            item.tensor
            for item in self.snapshot.parameters
            if any(name in named and self.bearers[name].isdisjoint(found) for name in item.names)
        )
        return frozenset(found.union(by_name))

    @cached_property
    def bearers(self) -> Mapping[str, frozenset[int]]:
        """By name the tensors that have it: the parameters of two models may have the same names."""
        found: dict[str, set[int]] = {}
        for item in self.snapshot.parameters:
            for name in item.names:
                found.setdefault(name, set()).add(item.tensor)
        return {name: frozenset(tensors) for name, tensors in found.items()}

    def concerns(self, finding: Finding, parameter: Parameter) -> bool:
        """Whether a finding is about a parameter; by its name where that is of no other one it is about."""
        if parameter.tensor in finding.tensors:
            return True
        named = parameter.names and parameter.name in finding.affected
        return bool(named) and self.bearers[parameter.name].isdisjoint(finding.tensors)

    @cached_property
    def grave(self) -> bool:
        """Whether what backward doesn't reach is a matter of a loud finding."""
        loud = any(finding.loud for finding in self.findings)
        return loud or not self.judged or bool(self.grad_statuses.count[GradStatus.CUT])

    @cached_property
    def lost(self) -> frozenset[int]:
        """Rows that backward doesn't reach, where that is a matter of a loud finding, or may be one: what is
        no part of the loss on purpose, such as actions that are sampled, isn't among them."""
        rows, labels = self.rows, self.labels

        def costs(row: int) -> bool:
            marks = rows.marks[row]
            leaf = marks & Mark.SEVERED and rows.kind[row] == RowKind.LEAF
            return bool(marks & Mark.BLAMED) or (bool(leaf) and labels.grad_status(row) is GradStatus.CUT)

        return frozenset(severed_with(rows, costs)) if self.grave else frozenset()

    @property
    def steppable(self) -> bool:
        """Whether the graph is that of a backward which is held before it begins."""
        return self.snapshot.graph is not None and self.snapshot.stop.kind in BACKWARDS


def view(
    snapshots: Sequence[Snapshot],
    diagnose: Diagnose,
    mute: Collection[str] = (),
    known: Mapping[str, str] | None = None,
    *,
    part: bool = False,
    stage: Stage = lambda *_: None,
) -> View:
    """The view of the last of these snapshots, or of as much of it as takes no time."""
    snapshot = snapshots[-1]
    findings = diagnose(snapshots, mute)
    part = part or left_unread(snapshot)
    reached = frozenset(snapshot.graph.leaves()) if snapshot.graph is not None else frozenset[int]()
    if part and snapshot.graph is not None:
        snapshot = replace(snapshot, graph=snapshot.graph.first(MOST))
    sources = {**(known or {}), **{source.path: source.text for item in snapshots for source in item.sources}}
    rows = outline(
        snapshot, findings, part=part, progress=lambda done, total: stage(ScreenPhase.ARRANGING, done, total)
    )
    stage(ScreenPhase.COUNTING, 0, 0)
    labels = Labels(snapshot, rows, sources, findings)
    labels.prepare()
    return View(
        snapshot,
        findings,
        rows,
        labels,
        sources,
        grouped(rows, snapshot),
        made_by_lines(rows, snapshot.trace),
        reached,
        judged=not snapshot.brief,
        part=part,
    )


def left_unread(snapshot: Snapshot) -> bool:
    """Whether the graph of the backward at hand was too large to be waited for."""
    return snapshot.graph is None and snapshot.stop.kind in BACKWARDS


def named(stop: Stop) -> str:
    """What was called, and for which time: `backward 1`."""
    return f"{'autograd.grad' if stop.kind is StopKind.GRAD else stop.kind} {stop.index}"


def as_of(snapshot: Snapshot, *, brief: bool = False) -> str:
    """The moment that a snapshot tells of, in words that go on from `as of`; `brief` where room is little."""
    stop = snapshot.stop
    match stop.kind:
        case StopKind.END:
            return "the end" if brief else "the program's end"
        case StopKind.EXCEPTION:
            backwards = [one for one in snapshot.stops if one.kind in BACKWARDS]
            if backwards and snapshot.raised is not None and snapshot.raised.in_backward:
                return f"{named(backwards[-1])}, which raised"
            return "the moment it raised"
        case StopKind.STEP:
            step = "" if brief else "the step "
            return f"{step}after {named(snapshot.stops[-1])}" if snapshot.stops else "a step"
        case _:
            return named(stop)


def stopped_where(snapshot: Snapshot) -> str:
    """The stop in a few words: `stopped before backward 1`."""
    stop = snapshot.stop
    match stop.kind:
        case StopKind.BACKWARD | StopKind.GRAD:
            return f"stopped before {named(stop)}"
        case StopKind.EXCEPTION:
            raised = snapshot.raised
            when = " in backward" if raised is not None and raised.in_backward else ""
            return f"{raised.type if raised else 'an exception'}{when}"
        case StopKind.STEP:
            return f"after optimizer step {stop.index}"
        case StopKind.END:
            return "held at its end"
        case _:
            return f"stopped at a {stop.kind}"
