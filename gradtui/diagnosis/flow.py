"""The way between a loss and the leaves it depends on: where gradients flow, and the calls that cut them
off."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import compress
from operator import and_, gt

from gradtui.diagnosis import terms
from gradtui.diagnosis.scene import Rows, Scene, last_before
from gradtui.model.columns import NONE, indices
from gradtui.model.owners import Role
from gradtui.model.torch_functions import LETS_GO, SELECTIONS
from gradtui.model.trace import Kind

SAMPLE = 4
"""So many cuts of one place are looked at to judge it."""
CUT_AGAIN = 4
"""Calls that are told of as cutting once more what a cut has cut: the advice names each, and one that names
more is no advice; where none was named, what is mended would be cut again."""
MEASURES = 8
"""Values in the chain from a measure back to what it measures: fewer than three would miss `x.max(1).values`,
and what is computed in many steps is a value of its own."""
MOST_COPIES = 64
"""Values between a leaf and the parameter that a copy of it fills: there are one or two."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A call that was given a value with a graph, and gave back one without."""

    call: int
    value: int
    """What went in."""
    made: int
    """What came out: a value, of this call or of the one that the number or array went into."""
    returned: int
    """The call that made `made`; differs from `call` where the value left torch in between."""
    likely: bool = False


class Consumers:
    """By value the calls that use it, as columns: for each use the number of the next one."""

    def __init__(self, calls: Sequence[int], sources: Rows, values: int) -> None:
        """Index the uses of `values` values by these calls, which come in rising order."""
        self._first = first = indices([NONE]) * values
        self._call, self._next = indices(), indices()
        add_call, add_next, number = self._call.append, self._next.append, 0
        for call in reversed(calls):
            for source in sources[call]:
                add_call(call)
                add_next(first[source])
                first[source] = number
                number += 1

    def of(self, value: int) -> list[int]:
        """The calls that use a value; one that uses it twice comes twice."""
        use, found = self._first[value], []
        while use != NONE:
            found.append(self._call[use])
            use = self._next[use]
        return found


class Flow:
    """Everything that a loss was computed from."""

    def __init__(
        self, scene: Scene, roots: Sequence[int], *, through_leaves: bool = True, guessing: bool = False
    ) -> None:
        self.scene = scene
        self.roots = [root for root in roots if root >= 0]
        self.through_leaves = through_leaves
        self.guessing = guessing
        """Whether numbers of unknown origin are taken to come from what left torch before them."""

    @cached_property
    def within(self) -> bytearray:
        """By value, whether the loss was computed from it, by any way."""
        scene, count = self.scene, len(self.scene.producer)
        stop = bytearray(count) if self.through_leaves else scene.leaf
        return self.sources.back(self.roots, scene.producer, stop, bytearray(b"\1") * count)

    def _back(self, before: Callable[[int], Iterable[int]]) -> bytearray:
        """By value, whether one comes to it from the roots by going to what is `before` each value."""
        found = bytearray(len(self.scene.producer))
        for value in self.scene.going_back(self.roots, before):
            found[value] = 1
        return found

    @cached_property
    def sources(self) -> Rows:
        """By call: every value that its outputs are made of."""
        known = self.scene.sources
        if not self.guessing:
            return known
        return known.but(
            {call: [*known[call], *(value for value, _ in came)] for call, came in self.scene.guessed.items()}
        )

    @cached_property
    def alive(self) -> bytearray:
        """By value, whether a gradient of the loss flows back to it."""
        scene = self.scene
        roots = [root for root in self.roots if scene.grad[root]]
        return scene.inputs.back(roots, scene.producer, scene.leaf, scene.grad)

    @cached_property
    def reached(self) -> frozenset[int]:
        """Leaves, as tensors, that a gradient of the loss flows back to."""
        return frozenset(compress(self.scene.tensor, map(and_, self.alive, self.scene.leaf)))

    @cached_property
    def calls(self) -> list[int]:
        """Calls whose result the loss was computed from, in order."""
        made = self.scene.producer
        return sorted({made[value] for value, inside in enumerate(self.within) if inside})

    @cached_property
    def consumers(self) -> Consumers:
        """By value: the calls that used it on its way to the loss, in order."""
        return Consumers(self.calls, self.sources, len(self.scene.producer))

    @cached_property
    def by_terms(self) -> tuple[bytearray, bytearray]:
        """By value, whether terms of the loss were computed from it by which something learns that optimizers
        hold; and such as were computed from something that they hold, and by which nothing does."""
        scene = self.scene
        leaves = [value for value in scene.values_of(scene.held) if scene.leaf[value]]
        depends, attached = (scene.descendants(leaves, attached=only) for only in (False, True))
        found = [
            term.value
            for root in self.roots
            for term in terms.of(scene, root, lambda one: bool(depends[one]))
        ]
        live = [value for value in found if attached[value]]
        dead = [value for value in found if depends[value] and not attached[value]]
        return Flow(scene, live).within, Flow(scene, dead if live else []).within

    def made_by(self, call: int) -> list[int]:
        """Those outputs of a call that the loss was computed from."""
        return [value for value in self.scene.outputs[call] if self.within[value]]

    # what would be, if

    def _open(self, region: int) -> bytearray:
        """By value, whether the loss would get a graph through it, if only the value had one, and gradients
        were on in this region; NONE for none."""
        known = self._opened.get(region)
        if known is not None:
            return known
        scene = self.scene

        def before(value: int) -> Iterable[int]:
            call = scene.producer[value]
            if self._cuts_by_nature(call, value, region):
                return ()
            came = scene.inputs[call]
            return (one for one in came if scene.floating[one]) if scene.name(call) in SELECTIONS else came

        return self._opened.setdefault(region, self._back(before))

    @cached_property
    def _opened(self) -> dict[int, bytearray]:
        return {}

    def _cuts_by_nature(self, call: int, made: int, region: int) -> bool:
        """Whether a call would give no graph to its result whatever it is given."""
        scene = self.scene
        flagged = scene.kind[call] == Kind.FLAG  # that makes a leaf of what has no graph alone
        if (scene.leaf[made] and not flagged) or not scene.floating[made]:
            return True
        if scene.kind[call] not in (Kind.OP, Kind.WRITE, Kind.FUNCTION, Kind.FLAG):
            return True
        return scene.name(call) in LETS_GO or scene.region(call) not in (NONE, region)

    def alone(self, cut: Cut) -> bool:
        """Whether nothing else stands between a cut and the loss: mended, it would let the gradient through.

        What is computed in one block of `no_grad` is one cut, however many calls were made there, and so is a
        detach with the conversion that it serves.
        """
        through = self._open(self.scene.region(cut.call))
        return any(through[value] for value in (cut.made, *self._converted(cut)))

    def _converted(self, cut: Cut) -> Iterator[int]:
        """What comes back into torch of `x.detach().numpy()`, where a cut is the detach in it."""
        scene = self.scene
        pending = [cut.made] if scene.name(cut.call) in LETS_GO else []
        seen = set(pending)
        while pending:
            value = pending.pop()
            for call in self.consumers.of(value):
                escapes = [escape for came, escape in scene.escaped.get(call, ()) if came == value]
                if any(self._around(escape, cut.call) for escape in escapes):
                    yield from self.made_by(call)
                elif not escapes and self._around(call, cut.call):
                    fresh = [made for made in self.made_by(call) if made not in seen and not scene.grad[made]]
                    seen.update(fresh)
                    pending += fresh

    def _around(self, outer: int, inner: int) -> bool:
        """Whether the expression of one call is around that of another."""
        return self.scene.words.encloses(self.scene.site(outer), self.scene.site(inner))

    def choose(self, groups: list[list[Cut]], sources: Collection[int] = ()) -> list[Cut]:
        """Of the first cuts on the ways from some values, the one to name.

        It is the first that, mended, would let a gradient through, and that isn't got round on purpose; where
        each cuts off more than once, the first of which all would. What only fills another parameter, as the
        average of a model does, is looked at last, and before it what was computed before the last step: the
        actions of a rollout, by which a state came about, are data to the loss that is computed from that
        state now. A custom Function comes first, which has a backward in order to pass gradients on; of all
        others what cuts off nothing that learns by another way.
        """
        groups = sorted(groups, key=self._unlikely)
        for group in groups:
            alone = next(filter(self.alone, group[:SAMPLE]), None)
            if alone is not None and not self._got_round(group, sources):
                # The others of its place may only have picked what it is of: a mask, an index.
                return [alone, *(cut for cut in group if cut is not alone)]
        left = [group for group in groups if not self._got_round(group, sources)] or groups[:1]
        return next((group for group in left[:SAMPLE] if len(left) > 1 and self._together(group)), left[0])

    def chosen(self, mask: int, tensor: int) -> list[Cut]:
        """Of the groups of cuts below a parameter, the one to name."""
        scene, groups = self.scene, self.below(mask)
        if len(groups) == 1:
            return groups[0]
        group = self.choose(groups, [value for value in scene.values_of((tensor,)) if scene.leaf[value]])
        if scene.name(group[0].call) not in LETS_GO:
            return group
        return self._of_a_dead_term(groups, group) or group

    def _of_a_dead_term(self, groups: list[list[Cut]], detached: list[Cut]) -> list[Cut] | None:
        """Beside a detach in a term by which something else learns, which is as a rule meant: what makes a
        whole term of the loss depend on nothing."""
        learns, vain = self.by_terms
        if any(vain[cut.made] for cut in detached):
            return None
        return next(
            (group for group in groups if all(vain[cut.made] and not learns[cut.made] for cut in group)), None
        )

    def _together(self, group: list[Cut]) -> bool:
        """Whether all cuts of a group, mended, would let the gradient through: one place may cut off the same
        way again and again, as each of several inner steps does."""
        scene, region = self.scene, self.scene.region(group[0].call)
        calls = {cut.call for cut in group}

        def before(value: int) -> Iterable[int]:
            call = scene.producer[value]
            cuts = call not in calls and self._cuts_by_nature(call, value, region)
            return () if cuts else scene.inputs[call]

        return bool(self._back(before)[group[0].made])

    def _unlikely(self, group: list[Cut]) -> tuple[bool, bool, bool, bool]:
        passes = self.scene.kind[group[0].call] == Kind.FUNCTION and self.scene.grad_mode(group[0].call)
        return (
            self._stored(group),
            group[-1].call < self.stepped,
            not passes,
            self._place(group) in self._spared,
        )

    def _place(self, group: list[Cut]) -> tuple[int, int]:
        """Where calls have no graph the block that they are in is what cuts them off, else each its own."""
        region = self.scene.region(group[0].call)
        return (region, NONE) if region != NONE else (NONE, group[0].call)

    @cached_property
    def _spared(self) -> set[tuple[int, int]]:
        """The places that cut off leaves to which a gradient comes by another way."""
        mask = 0
        for tensor in self.reached:
            mask |= self.masks.get(tensor, 0)
        return {self._place(group) for group in self.below(mask)}

    @cached_property
    def stepped(self) -> int:
        """The last step of any optimizer before the loss was computed."""
        scene = self.scene
        loss = min((scene.producer[root] for root in self.roots), default=NONE)
        return last_before(scene.steps, loss)

    def _stored(self, group: list[Cut]) -> bool:
        return not any(self._direct[cut.made] for cut in group[:SAMPLE])

    @cached_property
    def filling(self) -> int:
        """The mask of groups that only copy leaves into parameters which the loss takes as constants.

        So a target network is filled, whose outputs are computed under `no_grad`: neither is a fault, and
        mended neither would let a gradient through.
        """
        targets = (all(map(self._fills_a_target, group[:SAMPLE])) for group in self.groups)
        return sum(1 << number for number, only in enumerate(targets) if only)

    @cached_property
    def copying(self) -> int:
        """The mask of groups that only make other leaves of what they are given."""
        leaf = self.scene.leaf
        made = (all(leaf[cut.made] for cut in group) for group in self.groups)
        return sum(1 << number for number, only in enumerate(made) if only)

    @cached_property
    def used(self) -> frozenset[int]:
        """Leaves, as tensors, that the loss was computed from, but for those whose copies it takes alone."""
        return self.reached.union(tensor for tensor, mask in self.masks.items() if mask & ~self.filling)

    def _fills_a_target(self, cut: Cut) -> bool:
        scene, filled = self.scene, set[int]()
        if not scene.leaf[cut.value]:
            return False
        pending, seen = [cut.made], {cut.made}
        while pending:
            value = pending.pop()
            tensor = scene.tensor[value]
            if tensor in self._kept and tensor != scene.tensor[cut.value]:
                filled.add(tensor)
                continue
            if scene.grad[value] or value in self.roots or len(seen) > MOST_COPIES:
                return False
            fresh = {made for call in self.consumers.of(value) for made in self.made_by(call)} - seen
            seen |= fresh
            pending.extend(fresh)
        values = [value for value in scene.values_of(filled) if self.within[value]]
        return bool(values) and not any(self._open(NONE)[value] for value in values)

    @cached_property
    def _kept(self) -> set[int]:
        return {one.tensor for one in self.scene.parameters.values() if one.role is Role.PARAMETER}

    @cached_property
    def _direct(self) -> bytearray:
        """By value, whether the loss was computed from it, and not only from parameters that keep it."""
        scene, sources, kept = self.scene, self.sources, self._kept
        return self._back(lambda value: () if scene.tensor[value] in kept else sources[scene.producer[value]])

    def _got_round(self, group: list[Cut], sources: Collection[int]) -> bool:
        return all(self.bypassed(cut, sources or [cut.value]) for cut in group[:SAMPLE])

    # cuts

    @cached_property
    def _groups(self) -> tuple[list[list[Cut]], dict[int, int]]:
        """All first cuts in groups of one place, function and region, and by value a mask of the groups
        below it."""
        return _Search(self).run()

    def first_cuts(self, tensors: Collection[int]) -> list[list[Cut]]:
        """The cuts that come first on the ways from these leaves to the loss, grouped by place, in order."""
        groups, masks = self._groups
        mask = 0
        tensor = self.scene.tensor
        wanted = set(tensors)
        for value, below in masks.items():
            if tensor[value] in wanted:
                mask |= below
        return [group for number, group in enumerate(groups) if mask >> number & 1]

    @cached_property
    def masks(self) -> dict[int, int]:
        """By leaf tensor: which groups of cuts come first on its ways to the loss."""
        masks: dict[int, int] = {}
        tensor = self.scene.tensor
        for value, below in self._groups[1].items():
            if below:
                masks[tensor[value]] = masks.get(tensor[value], 0) | below
        return masks

    @property
    def groups(self) -> list[list[Cut]]:
        """All first cuts, those of one place together, in the order of their calls."""
        return self._groups[0]

    def below(self, mask: int) -> list[list[Cut]]:
        """The groups of a mask, in order."""
        return [self._groups[0][number] for number in _bits(mask)]

    def later(self, cut: Cut) -> list[int]:
        """Calls further down from a cut to the loss that would have cut it as well."""
        scene = self.scene
        after = {call for value in self.constant(cut.made)[0] for call in self.consumers.of(value)}
        again = (Kind.REENTRY, Kind.PARAMETER)
        return sorted(c for c in after if scene.kind[c] in again or scene.name(c) in LETS_GO)[:CUT_AGAIN]

    def constant(self, value: int) -> tuple[list[int], list[int]]:
        """From a value towards the loss: what has no graph either, and the first values that have one."""
        scene = self.scene
        region, ends, pending = [value], [], [value]
        if scene.grad[value]:
            return [], [value]
        seen = {value}
        while pending:
            for call in self.consumers.of(pending.pop()):
                for made in self.made_by(call):
                    if made in seen:
                        continue
                    seen.add(made)
                    if scene.grad[made]:
                        ends.append(made)
                    else:
                        region.append(made)
                        pending.append(made)
        return region, ends

    def bypassed(self, cut: Cut, sources: Collection[int]) -> bool:
        """Whether what was cut off only ever meets values that these very values reach with their graph.

        So it is with `x + (q - x).detach()`, with a loss divided by its own detached value, with weights that
        depend on the data: a factor is held constant on purpose, and the gradient comes by the other way.
        """
        region, ends = self.constant(cut.made)
        roots = set(self.roots)
        if not ends or any(value in roots for value in region):
            return False
        live = self.live_from(sources)
        return all(end in live and not self.scene.leaf[end] for end in ends)

    def measured(self, value: int) -> list[int]:
        """A value, and what it is merely a measure of: `x` of `x.max(1).values`."""
        scene, chain = self.scene, [value]
        while len(chain) < MEASURES and not scene.leaf[chain[-1]]:
            came = [source for source in scene.inputs[scene.producer[chain[-1]]] if scene.grad[source]]
            if len(came) != 1:
                break
            chain.append(came[0])
        return chain

    def got_round_at(self, cut: Cut) -> list[int]:
        """Where what was cut off meets values that descend, with their graph, from what went into the cut."""
        live = self.live_from(self.measured(cut.value))
        return [end for end in self.constant(cut.made)[1] if end in live]

    def live_from(self, sources: Collection[int]) -> set[int]:
        """What was computed from these with its graph, and these themselves."""
        scene = self.scene

        def attached(value: int, call: int) -> Iterable[int]:
            live = scene.grad[value] and value in scene.inputs[call]
            return (
                [one for one in self.made_by(call) if scene.grad[one] and not scene.leaf[one]] if live else ()
            )

        return {*self.going_on(sources, attached)}

    def going_on(self, values: Iterable[int], follow: Callable[[int, int], Iterable[int]]) -> Iterator[int]:
        """Some values and what comes of them on the way to the loss, each once; `follow` gives which results
        of a call that takes a value are gone on from."""
        pending = list(values)
        seen = set(pending)
        while pending:
            value = pending.pop()
            yield value
            for call in self.consumers.of(value):
                fresh = [made for made in follow(value, call) if made not in seen]
                seen.update(fresh)
                pending += fresh


class _Search:
    """One walk over the calls under a loss, from the last to the first, without those that cut nothing and
    have no cut further down."""

    def __init__(self, flow: Flow) -> None:
        self.flow = flow
        self.scene = flow.scene
        self.met = self._lost()
        self.pending = [-call for call in self.met]
        """A heap of calls to look at; negative, as the last one comes first."""
        heapify(self.pending)
        self.groups: list[list[Cut]] = []
        self.by_place: dict[tuple[int, int, int], int] = {}
        self.masks: dict[int, int] = {}

    def run(self) -> tuple[list[list[Cut]], dict[int, int]]:
        while self.pending:
            self._visit(-heappop(self.pending))
        order = sorted(range(len(self.groups)), key=lambda number: self.groups[number][-1].call)
        return self._renumbered(order)

    def _lost(self) -> set[int]:
        """Calls under the loss at which a graph may end: few of many, so they are sifted in C."""
        flow, scene = self.flow, self.scene
        without_graph = map(gt, flow.within, map(gt, scene.grad, scene.leaf))
        odd = [*scene.escaped, *(scene.guessed if flow.guessing else ())]
        return {*compress(scene.producer, without_graph), *filter(flow.made_by, odd)}

    def _renumbered(self, order: list[int]) -> tuple[list[list[Cut]], dict[int, int]]:
        """Groups in the order of their first cut, each group's cuts in order too."""
        place = {old: new for new, old in enumerate(order)}
        moved: dict[int, int] = {}

        def renumber(mask: int) -> int:
            if mask not in moved:
                moved[mask] = sum(1 << place[bit] for bit in _bits(mask))
            return moved[mask]

        masks = {value: renumber(mask) for value, mask in self.masks.items()}
        return [list(reversed(self.groups[old])) for old in order], masks

    def _visit(self, call: int) -> None:
        scene, flow = self.scene, self.flow
        made = flow.made_by(call)
        below, cut_off = 0, -1
        for value in made:
            if scene.grad[value] and not scene.leaf[value]:
                below |= self.masks.get(value, 0)
            elif cut_off < 0:
                cut_off = value
        around = scene.around.get(call)
        passed = set(scene.inputs[around]) if around is not None else ()
        for value in scene.inputs[call]:
            if not scene.grad[value]:
                continue
            mask = below
            if cut_off >= 0 and value not in passed and not self._stays_itself(value, cut_off, made):
                mask |= self._bit(Cut(call, value, cut_off, call))
            if mask:
                self._mark(call, value, mask)
        for value, escape in scene.escaped.get(call, ()):
            if scene.grad[value]:
                same = (one for one in made if scene.tensor[one] == scene.tensor[value])
                cut = Cut(escape, value, next(same, made[0]), call, (escape, call) in scene.likely)
                self._mark(call, value, self._bit(cut))
        for value, escape in scene.guessed.get(call, ()) if flow.guessing else ():
            if scene.grad[value]:
                cut = Cut(escape, value, made[0], call, True)
                self._mark(call, value, self._bit(cut))

    def _mark(self, call: int, value: int, mask: int) -> None:
        """Note cuts below a value, and that the call which made it, before this one, has to be looked at."""
        self.masks[value] = self.masks.get(value, 0) | mask
        maker = self.scene.producer[value]
        if maker < call and maker not in self.met and self.flow.within[value]:
            self.met.add(maker)
            heappush(self.pending, -maker)

    def _stays_itself(self, value: int, cut_off: int, made: Sequence[int]) -> bool:
        """A leaf that was written or had its flag set is the same leaf still; and so is one that was written
        by a part of it, as the row of an embedding is zeroed which stands for padding."""
        scene, flow = self.scene, self.flow
        if not scene.leaf[value]:
            return False
        leaf, storage = scene.tensor[value], scene.trace.storage
        if any(scene.tensor[one] == leaf for one in made):
            return True
        if storage[value] != storage[cut_off]:
            return False
        within = [call for call in flow.consumers.of(cut_off) if flow.made_by(call)]
        written = [any(scene.tensor[one] == leaf for one in scene.outputs[call]) for call in within]
        return bool(written) and all(written)

    def _bit(self, cut: Cut) -> int:
        trace = self.scene.trace
        # One line may run for a teacher, under `no_grad`, and for what learns: these are two causes.
        place = (trace.site[cut.call], trace.function[cut.call], self.scene.region(cut.call))
        number = self.by_place.get(place)
        if number is None:
            number = self.by_place[place] = len(self.groups)
            self.groups.append([])
        group = self.groups[number]
        if not group or group[-1] != cut:
            group.append(cut)
        return 1 << number


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
