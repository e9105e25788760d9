"""What the tape tells of nodes, so that they needn't be asked: which call made one, and what it receives."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property
from itertools import chain, repeat
from operator import le, sub
from typing import Any

from gradtui.debuggee.tape import Tape
from gradtui.model.columns import NONE, Ragged, indices
from gradtui.model.trace import Kind

SPREAD = 8
"""So many sequence numbers for each node that is asked about: beyond that they are searched for."""
FEW = 64
"""So many calls for each node that is asked about: beyond that the calls aren't all gone through. A custom
Function's backward may derive a small graph hundreds of times."""


class CallFinder:
    """Finds the calls that made nodes, by the nodes' sequence numbers."""

    def __init__(self, tape: Tape) -> None:
        self.tape, self.begins = tape, tape.sequence_begin

    @cached_property
    def ends(self) -> Sequence[int]:
        """Calls stand in the order in which they ended: the first that ends behind a number is innermost."""
        return self.tape.sequence_ends()

    @cached_property
    def functions(self) -> list[int]:
        """Their numbers come before those of the calls inside of them, which stand in front of them."""
        functions = [call for call, kind in self.tape.kind.items() if kind is Kind.FUNCTION]
        return sorted(functions, key=self.begins.__getitem__)

    @cached_property
    def function_begins(self) -> list[int]:
        return [self.begins[call] for call in self.functions]

    def of_all(self, sequences: list[int]) -> list[int]:
        """The call of each of these numbers; NONE where there is none."""
        begins, function, count = self.begins, self._function, len(self.begins)
        found = self._innermost(sequences)
        if max(found) < count and all(map(le, map(begins.__getitem__, found), sequences)):
            return found
        return [
            call if call < count and begins[call] <= sequence else function(sequence)
            for sequence, call in zip(sequences, found, strict=True)
        ]

    def _end(self, call: int) -> int:
        return self.begins[call] + self.tape.made[call]

    def _searched(self, sequence: int) -> int:
        """The first call that ends behind one number, by bisection: for few numbers that is faster."""
        count = len(self.begins)
        return bisect_right(range(count), sequence, key=self._end) if sequence != NONE else count

    def _innermost(self, sequences: list[int]) -> list[int]:
        """The first call that ends behind each number.

        Nodes are asked about in the order of a walk, and so by and large in the order of their calls: a table
        of all numbers between the smallest and the largest is looked up in no time. Few are searched for.
        """
        if len(sequences) * FEW < len(self.begins):
            return [*map(self._searched, sequences)]
        ends, known = self.ends, [sequence for sequence in sequences if sequence != NONE]
        smallest, largest = min(known, default=0), max(known, default=0)
        if largest - smallest > SPREAD * len(known):
            return [*map(bisect_right, repeat(ends), sequences)]
        first, last = bisect_right(ends, smallest), bisect_right(ends, largest)
        bounds = [smallest, *ends[first:last], largest + 1]
        lengths = map(sub, bounds[1:], bounds)
        table = [*chain.from_iterable(map(repeat, range(first, last + 1), lengths)), len(ends)]
        # NONE finds the last place, behind the numbers: no call.
        places = (
            map(sub, sequences, repeat(smallest))
            if len(known) == len(sequences)
            else (NONE if sequence == NONE else sequence - smallest for sequence in sequences)
        )
        return [*map(table.__getitem__, places)]

    def _function(self, sequence: int) -> int:
        """The custom Function whose call has this number, where no call inside it has."""
        if sequence == NONE:
            return NONE
        at = bisect_right(self.function_begins, sequence) - 1
        return self.functions[at] if at >= 0 and sequence < self._end(self.functions[at]) else NONE


class Received:
    """The shapes of the gradients that nodes receive, as rows of numbers of different shapes.

    Asking a node takes longer than all else that is done with it. So where a call made one node and one
    value, and the node receives what has the value's shape, other nodes of its type are taken to do so too
    if such a call of the same function at the same place made them, with a value of the same shape.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.shapes: dict[tuple[int, ...], int] = {}
        self.rows = Ragged(indices([0]), indices())
        self._alike: dict[tuple[type, int, int], int] = {}
        """Numbers of shapes by a node's type, its call's key and its value's meta."""

    def add(self, nodes: Sequence[Any], kinds: Sequence[type], calls: Sequence[int]) -> None:
        tape, alike, flat = self.tape, self._alike, self.rows.flat
        made, values = tape.made, tape.first_value
        keys, metas, last = tape.key, tape.meta, len(tape) - 1
        add_shape, add_end = flat.append, self.rows.starts.append
        count = len(flat)
        for node, kind, call in zip(nodes, kinds, calls, strict=True):
            if NONE < call < last and made[call] == 1:
                value = values[call]
                if values[call + 1] - value == 1:
                    form = kind, keys[call], metas[value]
                    shape = alike.get(form)
                    if shape is None:
                        self._ask(node)
                        self._learn(form, count)
                        count = len(flat)
                    else:
                        add_shape(shape)
                        count += 1
                    add_end(count)
                    continue
            self._ask(node)
            count = len(flat)
            add_end(count)

    def _ask(self, node: Any) -> None:
        shapes = self.shapes
        for metadata in node._input_metadata:
            shape = () if getattr(metadata, "is_nested_tensor", False) else tuple(metadata.shape)
            self.rows.flat.append(shapes.setdefault(shape, len(shapes)))

    def _learn(self, form: tuple[type, int, int], asked: int) -> None:
        """Remember what a node of this form said: the last row, from `asked` on."""
        said = self.rows.flat[asked:]
        if len(said) == 1 and self.shapes.get(tuple(self.tape.metas[form[2]][0])) == said[0]:
            self._alike[form] = said[0]
