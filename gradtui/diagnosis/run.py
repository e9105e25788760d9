"""A whole run as rules see it: its scenes in order, the history of its gradients, and flows made once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar

from gradtui.diagnosis import copied_gradients
from gradtui.diagnosis.causes import Cause
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.history import History, Lost, Window
from gradtui.diagnosis.owners import NAMELESS, Owners
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.diagnosis.sentences import listed, stay
from gradtui.diagnosis.source_text import SourceText
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Severity
from gradtui.model.owners import GradState, Module, Parameter
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site
from gradtui.model.stops import BACKWARDS, StopKind
from gradtui.model.torch_functions import RESHAPES, last_part
from gradtui.model.trace import Kind
from gradtui.model.unseen import broke_off

T = TypeVar("T")
UNCLAIMED = 8
"""Numbers before a step that are taken for losses on which no backward was run: a loss has a few terms, and
stands behind them; further back stand statistics that are printed."""


class Run:
    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        sources = {source.path: source.text for one in snapshots for source in one.sources}
        self.words = SourceText(sources)
        self.owners = Owners(snapshots)
        self.scenes = [Scene(one, self.words, self.owners, index) for index, one in enumerate(snapshots)]
        self.history = History(self.scenes)
        self._flows: dict[tuple[int, tuple[int, ...], bool, bool], Flow] = {}
        self._learning: dict[tuple[int, frozenset[int]], tuple[bytearray, bytearray]] = {}
        self._computed: dict[Callable[[Run], Any], Any] = {}

    def once(self, compute: Callable[[Run], T]) -> T:
        """What several rules ask of a run, computed for the first of them."""
        if compute not in self._computed:
            self._computed[compute] = compute(self)
        found: T = self._computed[compute]
        return found

    @property
    def broken_off(self) -> bool:
        """Whether recording ended before the program did, so that of its last losses nothing is known."""
        return broke_off(self.last.snapshot.unseen)

    @property
    def last(self) -> Scene:
        return self.scenes[-1]

    def flow(
        self, scene: Scene, roots: Sequence[int], *, through_leaves: bool = True, guessing: bool = False
    ) -> Flow:
        key = (scene.index, tuple(roots), through_leaves, guessing)
        if key not in self._flows:
            self._flows[key] = Flow(scene, roots, through_leaves=through_leaves, guessing=guessing)
        return self._flows[key]

    def learning_from(self, scene: Scene, tensors: Collection[int]) -> tuple[bytearray, bytearray]:
        """By value of a scene, whether it was computed from leaves of these tensors: by any way, and so that
        gradients flow. Many backwards are of the same ones."""
        key = scene.index, frozenset(tensors)
        if key not in self._learning:
            leaves = [value for value in scene.values_of(key[1]) if scene.leaf[value]]
            self._learning[key] = (
                scene.descendants(leaves, attached=False),
                scene.descendants(leaves, attached=True),
            )
        return self._learning[key]

    def roots(self, scene: Scene, backwards: Iterable[int]) -> list[int]:
        return [root for call in backwards for root in scene.trace.inputs[call]]

    @cached_property
    def _modules_by_name(self) -> dict[str, list[tuple[Module, ...]]]:
        """Each module with those around it, itself first, by its path alone and after its root's name."""
        found: dict[str, list[tuple[Module, ...]]] = {}
        for scene in self.scenes:
            modules = scene.snapshot.modules
            for module in modules:
                around = [module]
                while around[-1].parent != NONE and len(around) < len(modules):  # modules may hold each other
                    around.append(modules[around[-1].parent])
                for name in {module.name, f"{module.root}.{module.name}"} if module.name else ():
                    found.setdefault(name, []).append(tuple(around))
        return found

    def chains(self, parameter: Parameter) -> list[tuple[Module, ...]]:
        """The module that a parameter is registered in and those around it, in each snapshot that has it."""
        return self._modules_by_name.get(parameter.name.rpartition(".")[0], [])

    def modules_of(self, parameter: Parameter) -> list[Module]:
        """The module that a parameter is registered in, in each snapshot that lists it."""
        return [chain[0] for chain in self.chains(parameter)]

    def keepers(self, parameter: Parameter) -> list[Module]:
        """The modules that a tensor may hang on: the one of its name, or where that has none any root."""
        roots = (one for scene in self.scenes for one in scene.snapshot.modules if one.kind and not one.name)
        return self.modules_of(parameter) or [*roots]

    @cached_property
    def files(self) -> list[Site]:
        """A site of each of the user's files, in the order in which they were met."""
        sites = (site for scene in self.scenes for site in scene.trace.sites if site.user)
        return [*{site.file: site for site in sites}.values()]

    @cached_property
    def _user_files(self) -> frozenset[str]:
        return frozenset(site.file for site in self.files)

    def uncalled(self, name: str) -> list[Site]:
        """Where the user's files name a method of this name in a statement, and don't call it."""
        return [site for like in self.files for site in self.words.uncalled(like, name)]

    def calls_of(self, *names: str) -> list[Site]:
        """Where the user's files call a function of one of these names."""
        return [site for like in self.files for name in names for site in self.words.calls(like, name)]

    def of_user(self, module: Module) -> bool:
        """Whether the class of a module is one of the user's own."""
        return module.file in self._user_files

    def registered(self, parameter: Parameter) -> bool:
        """Whether `parameters()` of its root lists it: no module on the way stands in a plain container."""
        return all(module.registered for chain in self.chains(parameter) for module in chain)

    @cached_property
    def _makers(self) -> dict[int, tuple[Scene, int]]:
        """By tensor of the owners the call that made it, with a scene that shows it."""
        found: dict[int, tuple[Scene, int]] = {}
        for scene in self.scenes:
            for tensor, call in zip(scene.tensor, scene.producer, strict=True):
                if tensor in self.owners.parameters and scene.kind[call] in (Kind.OP, Kind.PARAMETER):
                    found.setdefault(tensor, (scene, call))
        return found

    def making(self, tensor: int) -> list[Site]:
        """The user's lines that were running when a tensor was made, innermost first."""
        if tensor in self._makers:
            scene, call = self._makers[tensor]
            return [site for site in scene.call(call).stack if site.user]
        made = self.owners.made(tensor)
        return [made] if made else []

    def given_for(self, parameter: Parameter) -> Iterator[tuple[Scene, list[int]]]:
        """The values that `nn.Parameter(...)` was given for this one, in each scene that has the call."""
        for scene in self.scenes:
            for call in scene.trace.calls(Kind.PARAMETER):
                if call.order == parameter.made_order:
                    yield scene, list(call.inputs)

    def made_in_forward(self, tensor: int) -> bool:
        """Whether a module's call made a tensor, and makes another the next time."""
        scene, call = self._makers.get(tensor, (None, NONE))
        return scene is not None and scene.trace.module[call] != NONE

    def judging(self, scene: Scene, window: Window) -> list[int]:
        """The losses that a step was judged by; where no backward ran, those that one should have run on."""
        if self.history.ran_unseen(window):
            return []
        backwards = window.backwards or window.earlier
        return self.roots(scene, backwards) if backwards else unclaimed(scene, window.step)

    def blameless(self, backward: int) -> bool:
        """Whether a step had written NaN before a backward: no call in it is to blame then."""
        return min(self.history.broken.values(), default=backward) < backward

    @cached_property
    def scaled(self) -> bool:
        """Whether a GradScaler looks at gradients before each step, and leaves out those that hold NaN."""
        look = "torch._amp_foreach_non_finite_check_and_unscale_"
        return any(look in scene.trace.functions for scene in self.scenes)

    @cached_property
    def guarded(self) -> bool:
        """Whether the program leaves steps out itself: they are counted at its backwards then."""
        steps = ((scene, window.step) for scene, window, _ in self.judged if window.step < len(scene.kind))
        backwards = {(id(scene), scene.trace.site[call]) for scene in self.scenes for call in scene.backwards}
        return any((id(scene), scene.trace.site[step]) in backwards for scene, step in steps)

    def then(self, names: Sequence[str]) -> str:
        """What becomes of parameters whose gradients are no numbers."""
        if self.scaled or self.guarded:
            who = (
                "GradScaler then leaves the steps out"
                if self.scaled
                else "program then uses none of these gradients"
            )
            return f"The {who}, and {listed(names)} {stay(names)}."
        return f"The step then writes NaN into {listed(names)}."

    @cached_property
    def raising(self) -> Scene | None:
        """The scene at which the program raised, where it did."""
        return next((scene for scene in reversed(self.scenes) if scene.snapshot.raised is not None), None)

    @cached_property
    def used(self) -> frozenset[int]:
        """Leaves that some judged loss was computed from, by any way."""
        found: set[int] = set()
        for scene, window, _ in self.judged:
            found |= self.flow(scene, self.judging(scene, window)).used
        return frozenset(found)

    @cached_property
    def used_directly(self) -> frozenset[int]:
        """Leaves that some judged loss was computed from, and not from mere copies of their values."""
        found: set[int] = set()
        for scene, window, _ in self.judged:
            flow = self.flow(scene, self.judging(scene, window), through_leaves=False)
            copies = flow.copying
            found |= flow.reached.union(tensor for tensor, mask in flow.masks.items() if mask & ~copies)
        return frozenset(found)

    # what is to be explained

    @cached_property
    def judged(self) -> list[tuple[Scene, Window, list[Lost]]]:
        """Steps that scenes show, with the parameters that got no gradient at them and never do."""
        lost: dict[int, list[Lost]] = {}
        for one in self.history.lost:
            lost.setdefault(one.tensor, []).append(one)
        found = []
        for scene, window in self.history.windows:
            optimizer = scene.optimizer(window.optimizer)
            held = optimizer.tensors if optimizer else frozenset()
            here = [
                one for tensor in sorted(held) for one in lost.get(tensor, ()) if one.first <= window.order
            ]
            found.append((scene, window, self._in_place(scene, window, here)))
        return [*found, *self._pending()]

    @property
    def barren(self) -> Iterator[tuple[Scene, Window, list[Lost]]]:
        """Steps of optimizers at which they never find a gradient, with what they hold and others train."""
        for scene, window in self.history.windows if self.history.barren else ():
            steps, optimizer = self.history.barren.get(window.optimizer), scene.optimizer(window.optimizer)
            if steps and optimizer is not None:
                first = steps[0]
                yield (
                    scene,
                    window,
                    [
                        Lost(tensor, window.optimizer, GradState.NONE, len(steps), first.order, first.stop)
                        for tensor in sorted(optimizer.tensors & self.history.learning)
                    ],
                )

    def _in_place(self, scene: Scene, window: Window, lost: list[Lost]) -> list[Lost]:
        """The same, with copies in place of those that such a loss is computed by copies of."""
        if not self._copies:
            return lost
        found, masks = [], self.flow(scene, self.judging(scene, window)).masks
        for one in lost:
            copies = self._copies.get(one.tensor)
            if copies is None:
                found.append(one)
            else:
                found += [replace(one, tensor=tensor) for tensor in sorted(copies & masks.keys())]
        return found

    @cached_property
    def _copies(self) -> dict[int, frozenset[int]]:
        """By tensor without a gradient the copies of it by which losses are computed, and that get none; see
        `copied_gradients`."""
        windows = self.history.windows if self.history.lost else []
        flows = [self.flow(scene, self.judging(scene, window)) for scene, window in windows]
        reached = frozenset[int]().union(*(flow.reached for flow in flows))
        return copied_gradients.copies(
            self.history, self.scenes, reached, {tensor for flow in flows for tensor in flow.masks}
        )

    @cached_property
    def given_up(self) -> frozenset[int]:
        """Tensors that get no gradient and aren't meant to: the copies that are trained in their place were
        frozen, or a library makes them anew for each step, as it does the average that it keeps in a leaf."""
        frozen = (tensor for tensor, copies in self._copies.items() if not copies)
        once = (one.tensor for one in self.history.lost if one.steps == 1 and not one.late)
        return frozenset([*frozen, *(tensor for tensor in once if self._made_by_a_library(tensor))])

    def _made_by_a_library(self, tensor: int) -> bool:
        """Whether a leaf of no module was made by something that isn't written where it was made, but called
        there."""
        parameter, made = self.owners.parameters.get(tensor), self.owners.made(tensor)
        if parameter is None or parameter.names or made is None:
            return False
        return self.words.call_name(made) not in ("", last_part(parameter.made_by))

    @cached_property
    def lost(self) -> frozenset[int]:
        """All tensors that get no gradient and should, copies that are trained in their place among them."""
        judged = (one.tensor for _, _, here in self.judged for one in here)
        return frozenset([*judged, *(one.tensor for one in self.history.lost)])

    def _pending(self) -> list[tuple[Scene, Window, list[Lost]]]:
        """A backward that no step has followed yet, where the program is held at it; or all, without an
        optimizer."""
        if not self.scenes:
            return []
        scene = self.last
        kind = scene.snapshot.stop.kind
        if kind in (StopKind.BACKWARD, StopKind.BREAKPOINT, StopKind.PAUSE):
            return self._held_before_step(scene)
        if kind is StopKind.END and not self.history.judgements:
            # One that raised had its optimizers still to step: what they would have lacked isn't known.
            return [] if self.raising is not None and self.owners.optimizers else self._never_stepped()
        return []

    def _held_before_step(self, scene: Scene) -> list[tuple[Scene, Window, list[Lost]]]:
        calls = scene.backwards
        roots = list(scene.snapshot.stop.roots) or self.roots(scene, calls[-1:])
        if not roots:
            return []
        flow = self.flow(scene, roots)
        order = scene.trace.order[-1] if len(scene.trace) else 0
        stop = scene.snapshot.stop.index
        judged = {
            (one.tensor, one.optimizer): one for one in self.history.lost if one.state is GradState.NONE
        }
        found, fed = [], self.history.learning | self.history.fed_otherwise
        if not self.owners.optimizers:  # some networks are moved by hand, each behind a backward of its own
            fed = fed.union(*(self.flow(one, self.roots(one, one.backwards)).reached for one in self.scenes))
        for number, tensors in self.stepping(scene, flow).items():
            lost = [
                judged.get((tensor, number))
                or Lost(tensor, number, GradState.NONE, 1, order, stop, ahead=True)
                for tensor in sorted(tensors - flow.reached - fed)
                if tensor in flow.masks
            ]
            window = Window(number, len(scene.trace), tuple(calls[-1:]), (), -1, order)
            found.append((scene, window, lost))
        return found

    def stepping(self, scene: Scene, flow: Flow) -> dict[int, frozenset[int]]:
        """The optimizers that this backward seems to be for, with what they hold: those of which it
        reaches any.

        Where it reaches none at all, it is for every one whose parameters the loss was computed from.
        """
        held = {number: one.tensors for number, one in enumerate(self.owners.optimizers)}
        if not held:
            leaves = {t for t, one in scene.parameters.items() if one.requires_grad and one.is_leaf}
            held = {NONE: frozenset(leaves)}
        reached = {number: tensors for number, tensors in held.items() if tensors & flow.reached}
        return reached or held

    def _never_stepped(self) -> list[tuple[Scene, Window, list[Lost]]]:
        """Leaves that no backward of the run reached, in the scenes that show one; of those that optimizers
        hold, where there are any."""
        reached: set[int] = set()
        found = []
        for scene in self.scenes:
            calls = scene.backwards
            if calls:
                flow = self.flow(scene, self.roots(scene, calls))
                reached |= flow.reached
                found.append((scene, calls, flow))
        return [
            (scene, *self._without_optimizer(calls, flow, reached, scene.trace.order[calls[0]]))
            for scene, calls, flow in found
        ]

    def _without_optimizer(
        self, calls: list[int], flow: Flow, reached: set[int], order: int
    ) -> tuple[Window, list[Lost]]:
        parameters, held = self.owners.parameters, self.owners.held if self.owners.optimizers else flow.masks
        lost = [
            Lost(tensor, NONE, GradState.NONE, len(calls), order, 1)
            for tensor in sorted(flow.masks.keys() & held.keys() - reached)
            if tensor in parameters and parameters[tensor].requires_grad and parameters[tensor].is_leaf
        ]
        return Window(NONE, len(flow.scene.trace), tuple(calls), (), -1, order), lost

    # findings

    @cached_property
    def _lost_steps(self) -> dict[int, int]:
        """By tensor at how many steps it was judged to have no gradient."""
        return {one.tensor: one.steps for one in self.history.lost}

    @cached_property
    def backwards(self) -> int:
        """How many backwards the run has begun, as far as anything tells; of one that only calls
        `autograd.grad`, how many of these."""
        told = [stop for scene in self.scenes for stop in scene.snapshot.stops]
        by_kind = ([stop.index for stop in told if stop.kind is kind] for kind in BACKWARDS)
        stops = next(filter(None, by_kind), [])
        judged = [judgement.stop for judgement in self.history.judgements]
        taped = max((len(scene.backwards) for scene in self.scenes), default=0)
        return max([taped, *stops, *judged])

    def finding(
        self,
        cause: Cause,
        severity: Severity,
        message: str,
        *,
        affected: Iterable[str] = (),
        tensors: Iterable[int] = (),
        evidence: Iterable[Evidence] = (),
        count: int = 0,
        stop: int = 1,
    ) -> Finding:
        """A finding; unless told, how often it was seen is how often its tensors were judged without a
        gradient."""
        site, tensors, affected = cause.site, tuple(tensors), tuple(dict.fromkeys(affected))
        return Finding(
            rule=cause.rule,
            severity=severity,
            file=site.file,
            line=site.line,
            column=site.column,
            end_line=site.end_line,
            end_column=site.end_column,
            message=message[:1].upper() + message[1:],  # which may begin with a leaf that has no name
            fix=cause.fix,
            confidence=cause.confidence,
            affected=tuple(name for name in affected if name != NAMELESS) or affected,
            evidence=tuple(_once((*cause.evidence, *evidence))),
            count=count or max((self._lost_steps.get(tensor, 1) for tensor in tensors), default=1),
            stop=max(stop, 1) if self.backwards else 0,
            call=cause.call,
            tensors=tensors,
        )

    def finding_of(
        self,
        lost: Collection[Lost],
        cause: Cause,
        message: str,
        names: Iterable[str],
        *,
        severity: Severity = Severity.ERROR,
        evidence: Iterable[Evidence] = (),
    ) -> Finding:
        """A finding about parameters that get no gradient: how often that was, and since when, they say."""
        return self.finding(
            cause,
            severity,
            message,
            affected=names,
            tensors=[one.tensor for one in lost],
            evidence=evidence,
            count=max(one.steps for one in lost),
            stop=min(one.stop for one in lost),
        )


def _once(evidence: Iterable[Evidence]) -> Iterator[Evidence]:
    """Evidence, but for what is only said again about a call."""
    seen: set[int] = set()
    for one in evidence:
        if one.call == NONE or one.call not in seen:
            yield one
        seen.add(one.call)


def unclaimed(scene: Scene, step: int, most: int = UNCLAIMED) -> list[int]:
    """Single numbers computed since the step before this one that nothing was computed from, or derived of:
    losses, by the look, the last `most` of them. One with a graph is one also where a log has it without."""
    before = last_before(scene.steps, step)
    calls = [*range(before + 1, min(step, len(scene.kind)))]
    losses = _single(scene, calls)
    if any(map(scene.grad.__getitem__, losses)):
        live = (call for call in calls if any(map(scene.grad.__getitem__, scene.outputs[call])))
        calls = [call for call in live if scene.name(call) not in RESHAPES]
        losses = [value for value in _single(scene, calls) if scene.grad[value]]
    used = {value for call in (*calls, *scene.grads) for value in scene.inputs[call]}
    return [value for value in losses if value not in used][-most:]


def _single(scene: Scene, calls: Sequence[int]) -> list[int]:
    """Of what calls made, what is a single floating number."""
    made = (value for call in calls for value in scene.outputs[call])
    return [value for value in made if scene.floating[value] and not scene.shape(value)]
