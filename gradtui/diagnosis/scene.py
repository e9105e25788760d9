"""One snapshot with the indexes that rules need, built once and only where asked for.

What follows from what is decided here: which values a value was computed from, over numpy and Python too, and
along which of these ways a gradient flows back.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import compress

from gradtui.diagnosis.owners import Owners
from gradtui.diagnosis.source_text import SourceText
from gradtui.model.columns import NONE, Ragged, mapped
from gradtui.model.findings import Evidence
from gradtui.model.owners import Optimizer, Parameter
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site
from gradtui.model.stops import Raised, StopKind
from gradtui.model.torch_functions import (
    CARRYING,
    DATA_SET,
    FUNC_GRAD,
    OVERWRITES,
    SHAPE_ONLY,
    SHAPED_BY_SECOND,
    is_checkpoint,
    last_part,
)
from gradtui.model.trace import Call, CallFlag, Kind, Switch, ValueFlag

REQUIRES_GRAD, LEAF, FLOATING = ValueFlag.REQUIRES_GRAD, ValueFlag.LEAF, ValueFlag.FLOATING
SILENT = frozenset(
    {
        Kind.STEP,
        Kind.SEEN,
        Kind.BACKWARD,
        Kind.SWITCH,
        Kind.CLEAR,
        Kind.READ_GRAD,
        Kind.LOOKED,
        Kind.HOOK,
        Kind.RAISED,
    }
)
"""Kinds of calls through which nothing flows."""
UNSEEN = -2
"""What switched gradients off where that isn't in the trace."""


class Rows:
    """By call a row of values: that of a column of the trace, but for the few calls that have others."""

    def __init__(self, column: Ragged, others: dict[int, Sequence[int]]) -> None:
        self._column, self._others = column, others
        self._starts, self._flat = column.starts, column.flat

    def __getitem__(self, call: int) -> Sequence[int]:
        other = self._others.get(call)
        if other is None:
            return self._flat[self._starts[call] : self._starts[call + 1]]
        return other

    def __len__(self) -> int:
        return len(self._column)

    def __iter__(self) -> Iterator[Sequence[int]]:
        return map(self.__getitem__, range(len(self)))

    def back(
        self, roots: Iterable[int], producer: Sequence[int], stop: bytearray, only: bytearray
    ) -> bytearray:
        """By value, whether one comes to it from roots by going to the row of the call that made each.

        No further from a value that `stop` marks, and to none but those that `only` marks. Rows are read in
        place: of most traces all calls are gone through.
        """
        starts, flat, others = self._starts, self._flat, self._others
        found = bytearray(len(producer))
        pending = list(roots)
        for root in pending:
            found[root] = 1
        while pending:
            value = pending.pop()
            if stop[value]:
                continue
            call = producer[value]
            row = others.get(call)
            for source in flat[starts[call] : starts[call + 1]] if row is None else row:
                if only[source] and not found[source]:
                    found[source] = 1
                    pending.append(source)
        return found

    def but(self, others: Mapping[int, Sequence[int]]) -> Rows:
        """A copy of these rows that has others for some calls."""
        return Rows(self._column, {**self._others, **others})


def last_before(calls: Sequence[int], call: int) -> int:
    """The last of some calls, which are in order, that came before this one; NONE where none did."""
    place = bisect_left(calls, call)
    return calls[place - 1] if place else NONE


def first_after(calls: Sequence[int], call: int) -> int:
    """The first of some calls, which are in order, that came after this one; NONE where none did."""
    place = bisect_right(calls, call)
    return calls[place] if place < len(calls) else NONE


class Scene:
    """A snapshot, and what follows from what in it."""

    def __init__(self, snapshot: Snapshot, words: SourceText, owners: Owners, index: int = 0) -> None:
        self.snapshot = snapshot
        self.owners = owners
        self.trace = snapshot.trace
        self.words = words
        self.index = index

    # owners

    @property
    def parameters(self) -> dict[int, Parameter]:
        """By tensor, everything that a module keeps or that could learn."""
        return self.owners.parameters

    @property
    def held(self) -> dict[int, list[int]]:
        """Tensors that optimizers hold, with the optimizers."""
        return self.owners.held

    def optimizer(self, number: int) -> Optimizer | None:
        optimizers = self.owners.optimizers
        return optimizers[number] if 0 <= number < len(optimizers) else None

    # columns of the trace: they are read as they are, because a million numbers in a list are 40 MB

    @property
    def kind(self) -> array[int]:
        return self.trace.kind

    @property
    def producer(self) -> array[int]:
        return self.trace.producer

    @property
    def tensor(self) -> array[int]:
        return self.trace.tensor

    @cached_property
    def grad(self) -> bytearray:
        """By value: whether it requires grad."""
        return bytearray(map(bool, map(REQUIRES_GRAD.__and__, self.trace.value_flags)))

    @cached_property
    def floating(self) -> bytearray:
        """By value: whether it could require grad by its type."""
        return bytearray(map(bool, map(FLOATING.__and__, self.trace.value_flags)))

    @cached_property
    def leaf(self) -> bytearray:
        """By value: whether it is a leaf that requires grad, where gradients end."""
        both = REQUIRES_GRAD | LEAF
        return bytearray(map(both.__eq__, map(both.__and__, self.trace.value_flags)))

    @cached_property
    def names(self) -> list[str]:
        """The last parts of the names of the trace's functions."""
        return [last_part(function) for function in self.trace.functions]

    def name(self, call: int) -> str:
        return self.names[self.trace.function[call]]

    def call(self, index: int) -> Call:
        return Call(self.trace, index)

    def site(self, call: int) -> Site:
        return self.trace.sites[self.trace.site[call]]

    def shape(self, value: int) -> tuple[int, ...]:
        return self.trace.shapes[self.trace.shape[value]]

    def user_site(self, call: int) -> Site:
        """The innermost line of the user's own code at a call."""
        return next((site for site in self.call(call).stack if site.user), self.site(call))

    def raised_site(self, raised: Raised) -> Site | None:
        """The innermost line of the user's own code at which it was raised."""
        stack = [self.trace.sites[index] for index in raised.stack]
        return next((site for site in stack if site.user), stack[0] if stack else None)

    @property
    def failing(self) -> int:
        """The torch call that raised, with what it was given; NONE where there is none."""
        raised = (call for call in range(len(self.kind) - 1, -1, -1) if self.kind[call] == Kind.RAISED)
        return next((call for call in raised if len(self.trace.inputs[call])), NONE)

    def evidence(self, call: int, what: str) -> Evidence:
        """A step of a proof: what happened at the user's own line at a call."""
        site = self.user_site(call)
        return Evidence(site.file, site.line, what, call)

    def _of_kind(self, *kinds: Kind) -> Iterator[int]:
        """The calls of these kinds, in order: few of many, so they are sifted by functions written in C."""
        return compress(range(len(self.kind)), mapped([kind in kinds for kind in range(256)], self.kind))

    def of_functions(self, names: Set[str]) -> Iterator[int]:
        """The calls of functions of these names, in order: as few of many."""
        wanted = [name in names for name in self.names]
        return compress(range(len(self.kind)), map(wanted.__getitem__, self.trace.function))

    @cached_property
    def transforms(self) -> list[int]:
        """The results of `torch.func.grad` and its kin: to torch each is a call of its own."""
        number = {name: index for index, name in enumerate(self.trace.functions)}.get(FUNC_GRAD, NONE)
        return list(compress(range(len(self.kind)), map(number.__eq__, self.trace.function)))

    def given(self, values: Collection[int]) -> list[int]:
        """The calls that are given one of these values, in order."""
        given, starts = self.trace.inputs.flat, self.trace.inputs.starts
        places = compress(range(len(given)), map(frozenset(values).__contains__, given))
        return list(dict.fromkeys(bisect_right(starts, place) - 1 for place in places))

    @cached_property
    def taken(self) -> frozenset[int]:
        """Values that some call was given."""
        return frozenset(self.trace.inputs.flat)

    def is_dropped(self, value: int) -> bool:
        """Whether no call was given a value, and nobody has it any more."""
        return value not in self.taken and not self.trace.value_flags[value] & ValueFlag.ALIVE

    def grad_mode(self, call: int) -> bool:
        flags = self.trace.flags[call]
        return bool(flags & CallFlag.GRAD) and not flags & CallFlag.INFERENCE

    def region(self, call: int) -> int:
        """NONE for a call with grad mode on; otherwise a number for what it was switched off by: calls of one
        block have the same, also where the block is run many times."""
        if self.grad_mode(call):
            return NONE
        switch = self.last_switch(call)
        return UNSEEN if switch == NONE else self.trace.site[switch]

    def last_switch(self, call: int) -> int:
        """The switch of the mode that is in force at a call; NONE where the trace doesn't say."""
        place = bisect_left(self._switches, call)
        return self._in_force[place - 1] if place else NONE

    @cached_property
    def _in_force(self) -> list[int]:
        """Beside each switch the one that is in force from there on: where `enable_grad` ends within a block
        of `no_grad`, that is the one which the block began with."""
        trace, found, opened = self.trace, list[int](), list[int]()
        ends: dict[tuple[int, int], bool] = {}
        for switch in self._switches:
            what, place = Switch(trace.detail[switch]), (trace.stack[switch], trace.site[switch])
            if place not in ends:
                ends[place] = self._ends_a_block(switch)
            if not ends[place] and what is not Switch.INFERENCE_OFF:
                opened.append(switch)
            elif opened:
                opened.pop()
            around = opened[-1] if opened else switch
            fits = what is Switch.INFERENCE_OFF or Switch(trace.detail[around]).off == what.off
            found.append(around if fits else switch)
        return found

    def _ends_a_block(self, switch: int) -> bool:
        """Whether torch has switched back at the end of a `with` block, or of what a decorator is around."""
        inner = self.call(switch).stack[:2]
        return any(not site.user and site.function.endswith(".__exit__") for site in inner)

    @cached_property
    def _switches(self) -> list[int]:
        return [*self._of_kind(Kind.SWITCH)]

    # what follows from what

    @property
    def outputs(self) -> Ragged:
        """By call: the values it made."""
        return self.trace.outputs

    @cached_property
    def inputs(self) -> Rows:
        """By call: the values whose contents its outputs are made of, as far as they came in as tensors."""
        special = {
            number
            for number, name in enumerate(self.names)
            if name in SHAPE_ONLY or name in OVERWRITES or name in SHAPED_BY_SECOND
        }
        others: dict[int, Sequence[int]] = {}
        shed = self._shed
        for call, (kind, function) in enumerate(zip(self.kind, self.trace.function, strict=True)):
            if kind in SILENT:
                others[call] = ()
            elif function in special:
                others[call] = self._special(call, self.trace.inputs[call])
            elif call in shed:
                others[call] = [one for one in self.trace.inputs[call] if one not in shed[call]]
        return Rows(self.trace.inputs, others)

    def _special(self, call: int, came: Sequence[int]) -> Sequence[int]:
        name = self.name(call)
        if name in SHAPE_ONLY:
            return ()
        if name in SHAPED_BY_SECOND:
            return came[:1]
        return came[1:] if self.kind[call] == Kind.WRITE and len(self.outputs[call]) == 1 else came

    @cached_property
    def escaped(self) -> dict[int, list[tuple[int, int]]]:
        """By call: the values that reached it over numpy or Python, with the call where each left torch."""
        found: dict[int, list[tuple[int, int]]] = {}
        for source, target in self._ties:
            for value in self.trace.inputs[source]:
                found.setdefault(target, []).append((value, source))
        for call, values in self._shed.items():
            found.setdefault(call, []).extend((value, call) for value in values)
        return found

    @cached_property
    def _shed(self) -> dict[int, Sequence[int]]:
        """By call that gives something with a graph: what it was given with one, and that is left behind.

        A tensor whose `data` is set has other values then, and its own graph; of what the block of a
        reentrant checkpoint returns in a dict, values alone come out.
        """
        sheds = {
            number
            for number, function in enumerate(self.trace.functions)
            if function == DATA_SET or is_checkpoint(function)
        }
        found: dict[int, Sequence[int]] = {}
        for call, function in enumerate(self.trace.function) if sheds else ():
            if function in sheds and any(self.grad[one] and not self.leaf[one] for one in self.outputs[call]):
                found[call] = self._left_behind(call)
        return {call: values for call, values in found.items() if values}

    def _left_behind(self, call: int) -> Sequence[int]:
        came = self.trace.inputs[call]
        if self.call(call).function == DATA_SET:
            return came[1:]
        bare = {self.tensor[made] for made in self.outputs[call] if not self.grad[made]}
        return [value for value in came if self.grad[value] and self.tensor[value] in bare]

    @cached_property
    def _ties(self) -> list[tuple[int, int]]:
        last = len(self.kind)
        seen = [
            (tie.source, tie.target) for tie in self.trace.ties if -1 < tie.source < last > tie.target > -1
        ]
        return [*seen, *self._written]

    @cached_property
    def _written(self) -> list[tuple[int, int]]:
        """Ties that only the text of the program shows: an array is computed from another in one function."""
        tied = {tie.target for tie in self.trace.ties}
        escapes: dict[str, dict[int, int]] = {}
        known: dict[tuple[int, int], bool] = {}  # the text says the same however often it is run
        found = []
        for call in self._of_kind(Kind.ESCAPE, Kind.REENTRY, Kind.SEEN):
            if self.kind[call] == Kind.ESCAPE:
                if not self.carries(call):
                    continue
                site = self.site(call)
                escapes.setdefault(f"{site.file}:{site.function}", {})[self.trace.site[call]] = call
            elif call not in tied and not self.inputs[call]:
                site = self.site(call)
                for place, escape in escapes.get(f"{site.file}:{site.function}", {}).items():
                    pair = self.trace.site[call], place
                    if pair not in known:
                        known[pair] = self.words.derives(site, self.trace.sites[place])
                    if known[pair]:
                        found.append((escape, call))
        return found

    def carries(self, call: int) -> bool:
        """Whether a call carries values out of torch, and doesn't only ask whether or how many."""
        return self.kind[call] == Kind.ESCAPE and self.name(call) in CARRYING

    @cached_property
    def escapes(self) -> list[int]:
        """Calls by which values left torch, in order."""
        return [*self._of_kind(Kind.ESCAPE)]

    @cached_property
    def leaving(self) -> dict[int, list[int]]:
        """By value: the calls that carried it out of torch."""
        found: dict[int, list[int]] = {}
        for call in filter(self.carries, self.escapes):
            for value in self.trace.inputs[call]:
                found.setdefault(value, []).append(call)
        return found

    @cached_property
    def likely(self) -> frozenset[tuple[int, int]]:
        """Ties, as source and target, that are not proved."""
        unsure = [(tie.source, tie.target) for tie in self.trace.ties if not tie.exact]
        return frozenset([*unsure, *self._written])

    @cached_property
    def guessed(self) -> dict[int, list[tuple[int, int]]]:
        """Like `escaped`, for numbers that came into torch from nowhere: what may have become of what
        left it.

        Likely where it left since the last backward and fits by its shape; nothing proves it.
        """
        found: dict[int, list[tuple[int, int]]] = {}
        left: list[int] = []
        for call, kind in enumerate(self.kind):
            if kind in (Kind.BACKWARD, Kind.STEP):
                left.clear()
            elif self.carries(call):
                left.append(call)
            elif kind in (Kind.REENTRY, Kind.SEEN) and call not in self.escaped and not self.inputs[call]:
                made = self.outputs[call]
                if made and self.floating[made[0]]:
                    came = [(value, one) for one in left for value in self.trace.inputs[one]]
                    came = [pair for pair in came if self.floating[pair[0]]]
                    fitting = [pair for pair in came if self._fits(pair[0], made[0])]
                    if came:
                        found[call] = fitting or came
        return found

    def _fits(self, value: int, made: int) -> bool:
        """Whether numbers of one shape may have been computed from those of the other."""
        shapes = self.trace.shapes
        before, after = shapes[self.trace.shape[value]], shapes[self.trace.shape[made]]
        sizes = {size for size in before if size > 1}
        return not sizes or not any(size > 1 for size in after) or bool(sizes & set(after))

    @cached_property
    def inner(self) -> dict[int, Sequence[int]]:
        """By call of a custom Function: the values made inside it that became its outputs."""
        found: dict[int, Sequence[int]] = {}
        for call in self._of_kind(Kind.FUNCTION):
            if self.trace.begin[call] < call:
                found[call] = self._became(call)
        return found

    def _became(self, call: int) -> Sequence[int]:
        tensors = {self.tensor[value] for value in self.outputs[call]}
        inside = range(self.trace.begin[call], call)
        same = [value for one in inside for value in self.outputs[one] if self.tensor[value] in tensors]
        if same:
            return same
        for one in reversed(inside):
            if self.outputs[one]:
                return self.outputs[one]
        return []

    @cached_property
    def around(self) -> dict[int, int]:
        """By call made inside a custom Function: the outermost call of such a Function around it."""
        found: dict[int, int] = {}
        for call in self._of_kind(Kind.FUNCTION):
            for inside in range(self.trace.begin[call], call):
                found[inside] = call
        return found

    @cached_property
    def sources(self) -> Rows:
        """By call: every value that its outputs are made of, however they got there."""
        return self.inputs.but(
            {call: [*self.inputs[call], *self._besides(call)] for call in {*self.escaped, *self.inner}}
        )

    def values_of(self, tensors: Collection[int]) -> list[int]:
        """Values of these tensors at which a gradient for them would end."""
        wanted = set(tensors)
        return [value for value, tensor in enumerate(self.tensor) if tensor in wanted]

    @cached_property
    def first_values(self) -> dict[int, int]:
        """By tensor the value that it held first, as far as the trace goes back."""
        return dict(zip(reversed(self.tensor), range(len(self.tensor) - 1, -1, -1), strict=True))

    def descendants(
        self, values: Iterable[int], *, attached: bool, through_leaves: bool = False
    ) -> bytearray:
        """By value, whether it was computed from one of these: by any way, or `attached`, so that
        gradients flow.

        A leaf keeps what it was once filled with to itself unless `through_leaves`.
        """
        found = bytearray(len(self.producer))
        for value in values:
            found[value] = 1
        if 1 not in found:
            return found
        grad, leaf = self.grad, self.leaf
        for came, made in zip(self.inputs if attached else self.sources, self.outputs, strict=True):
            if not made:
                continue
            for source in came:
                if found[source] and (not attached or grad[source]):
                    for value in made:
                        if (grad[value] or not attached) and (through_leaves or not leaf[value]):
                            found[value] = 1
                    break
        return found

    def has_unseen_graph(self, value: int) -> bool:
        """Whether what requires grad was computed from something that came to torch unseen, as parameters do
        in a dict of tensors that is an operand itself: where its gradients end isn't known."""
        return any(
            self.grad[one] and not self.leaf[one] and not self.live_before(one)
            for one in self.going_back([value], self.live_before)
        )

    def live_before(self, value: int) -> list[int]:
        """What a gradient goes on to from a value: nothing from a leaf."""
        if self.leaf[value] or not self.grad[value]:
            return []
        return [one for one in self.inputs[self.producer[value]] if self.grad[one]]

    def made_from(self, value: int) -> Sequence[int]:
        """What a value was computed from by any way, detached or not: for a leaf nothing."""
        return () if self.leaf[value] else self.sources[self.producer[value]]

    def going_back(self, values: Iterable[int], before: Callable[[int], Iterable[int]]) -> Iterator[int]:
        """Some values and all that comes before them, each once; `before` gives what a value comes of."""
        pending = list(values)
        seen = set(pending)
        while pending:
            value = pending.pop()
            yield value
            fresh = {one for one in before(value) if one not in seen}
            seen |= fresh
            pending += fresh

    def _besides(self, call: int) -> Iterator[int]:
        if call in self.escaped or call in self.inner:
            for value, _ in self.escaped.get(call, ()):
                yield value
            yield from self.inner.get(call, ())

    # when

    @cached_property
    def events(self) -> list[int]:
        """Backwards, steps and clearings of gradients, in order."""
        return [*self._of_kind(Kind.BACKWARD, Kind.STEP, Kind.CLEAR)]

    def backward_number(self, call: int) -> int:
        """Which backward of the program one is, counted from 1, as far as that was told; else the first."""
        return self._numbers_of_stops.get(call, 1)

    @cached_property
    def _numbers_of_stops(self) -> dict[int, int]:
        return {stop.call: stop.index for stop in self.snapshot.stops if stop.kind is StopKind.BACKWARD}

    @cached_property
    def looks(self) -> list[int]:
        """Calls by which the program has looked at tensors or their gradients, in order."""
        return [*self._of_kind(Kind.LOOKED)]

    @cached_property
    def backwards(self) -> list[int]:
        """Calls of `backward`, in order."""
        return [*self._of_kind(Kind.BACKWARD)]

    @cached_property
    def writes(self) -> list[int]:
        """Writes in place, in order: but for a `.data` that is set to what it is, as by `Module.to`."""
        inputs, sets = self.trace.inputs, {*self.of_functions({last_part(DATA_SET)})}
        return [call for call in self._of_kind(Kind.WRITE) if call not in sets or len({*inputs[call]}) != 1]

    def written_since(self, call: int) -> set[int]:
        """The memory that the program has written behind a call."""
        storage, inputs = self.trace.storage, self.trace.inputs
        later = self.writes[bisect_right(self.writes, call) :]
        return {storage[value] for write in later for value in inputs[write][:1]}

    @cached_property
    def steps(self) -> list[int]:
        """Steps of optimizers, in order."""
        return [*self._of_kind(Kind.STEP)]

    @cached_property
    def clears(self) -> list[int]:
        """Clearings of gradients, in order."""
        return [*self._of_kind(Kind.CLEAR)]

    @cached_property
    def grads(self) -> list[int]:
        """Calls of `autograd.grad`, in order."""
        return [*self._of_kind(Kind.GRAD)]

    def owner_name(self, tensor: int) -> str:
        return self.owners.name(tensor)
