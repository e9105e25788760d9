"""The record itself: columns of whole numbers for calls and values, and the weak map from tensors to values.

A call's outputs are the values made between it and the call before it, so neither has to name the other.
Columns are changed in place, never replaced: the recorder holds their `append` methods. Four are lists, which
Python reads and fills several times as quick as arrays: their numbers are small or the same over and over,
so that each takes no more than its place.

Four columns lag: what nearly every call of the hot path would put in follows from the others, and is filled
in, by functions written in C, when somebody asks. Such a call is the next in order and makes one value, that
of a tensor that is new and has a storage of its own. What is otherwise is kept beside them until then: the
first values of calls that make none or several, storages that are another's, and what optimizers wrote.
"""

from __future__ import annotations

import operator
import weakref
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import repeat
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from gradtui.debuggee.marks import FLOATING, VIEW_AND_LEAF
from gradtui.model.columns import NONE, count_on
from gradtui.model.trace import CallFlag, Kind, Tie

WAITING = 256
"""Records that are kept beside the columns at most, until these are filled in."""

MANY = 512
"""Tensors up to which nothing is kept in mind of them, as to look at each is as quick."""

ROOM = 16_384
"""Calls for which the lists of a long tape make room at least."""

Meta = tuple[tuple[int, ...], torch.dtype, torch.device]
"""Shape, dtype and device, as torch has them."""


def _nobody() -> None:
    """Called in the place of a weak reference that isn't there."""


def ascending(count: int) -> array[int]:
    """As `counting`, but of the class of the tape's columns: model's may be another, see `launch`."""
    found = array("i")
    count_on(found, 0, count)
    return found


Column = TypeVar("Column", list[int], "array[int]")


class _Room:
    """Iterates over nothing, and says that so much would come: a list makes room for it, and writes none."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __iter__(self) -> _Room:
        return self

    def __next__(self) -> int:
        raise StopIteration

    def __length_hint__(self) -> int:
        return self.count


class Picker(Protocol):
    """What takes the items at certain places out of any column."""

    def __call__(self, column: Column) -> Column: ...


def picker(places: Sequence[int]) -> Picker:
    """What takes the items at these places out of a column.

    They stand in a row where an optimizer has written them before.
    """
    if places and places[-1] - places[0] + 1 == len(places):
        row = range(places[0], places[-1] + 1)
        if places == row or all(map(operator.eq, places, row)):
            return lambda column: column[row.start : row.stop]

    def pick(column: Column) -> Column:
        found = column[:0]
        found.extend(map(column.__getitem__, places))
        return found

    return pick


def picked(column: Column, places: Sequence[int]) -> Column:
    """What a column has at these places."""
    return picker(places)(column)


class Tape:
    """What was recorded of one thread, and is still kept."""

    def __init__(self) -> None:
        # one number a call
        self.key = array("i")
        self.sequence_begin = array("q")
        self.made: list[int] = []
        """The numbers that nodes got while it ran: so many, from `sequence_begin` on."""
        self.inputs = array("i")
        self.inputs_end = array("i")
        self._first_value = array("i")
        self._order = array("q")

        # what only few calls have
        self.kind: dict[int, Kind] = {}
        """The kinds of the calls that are no plain operation, by their numbers."""
        self.stack: dict[int, int] = {}
        self.detail: dict[int, int] = {}
        self.begin: dict[int, int] = {}

        # one number a value
        self.meta: list[int] = []
        self.version: list[int] = []
        self.flags: list[int] = []
        self._tensor = array("q")
        self._storage = array("q")
        self._opened: dict[int, int] = {}
        """By call: first values that aren't in their column yet and may not be the next ones."""
        self.aliases: dict[int, int] = {}
        """By value: storages that aren't in their column yet and aren't the tensor's own."""
        self._rewrites: dict[int, tuple[Sequence[int], int]] = {}
        """What optimizers wrote and isn't in its columns yet: by the first value of each step those that the
        same tensors held before, and the call."""

        # what the numbers stand for
        self.keys: list[tuple[int, int, int, int]] = []
        """Function, site, module and flags of a call, by its key."""
        self.key_index: dict[tuple[int, int, int, int], int] = {}
        self.metas: list[Meta] = []
        self.meta_index: dict[Meta, int] = {}
        self.meta_flags: list[int] = []
        """Beside `metas`: FLOATING where a dtype can carry a gradient, else 0."""
        self.latest: dict[tuple[int, ...], tuple[torch.dtype, torch.device, int, int]] = {}
        """By shape, dtype and device of the tensor that had it last, with its number and flags."""

        # tensors that may still be alive: by id, what they are and which value they hold
        self.refs: dict[int, weakref.ref[Tensor]] = {}
        self.values: dict[int, int] = {}
        self.died = 0
        """How many parameters have died since all that are dead were forgotten."""
        self.note_death = self._note_death
        """Called when a parameter is gone. Bound once: each of a large model's parameters has it."""
        self.unwritten: dict[int, tuple[int, ...]] = {}
        """Values of long lists of parameters whose versions were read since anything was written, or may have
        been; by the first of each."""
        self._writers: dict[int, int] = {}
        self.ties: list[Tie] = []

        self.begun = False
        """A record was begun and isn't whole yet; or, between two calls of the program, never will be."""
        self._next_tensor = 0
        self._next_order = 0
        self.novel = 0
        """How often the program did something it never did, since somebody set it to 0."""
        self._met: set[tuple[int, int, int]] = set()
        """Keys without their modules: a loss's module may be made anew at every step, and is no news then."""
        self._free: list[int] = []
        """Keys that stand for nothing any more."""

    def __len__(self) -> int:
        return len(self.key)

    def make_room(self) -> int:
        """Let long lists move in memory seldom; gives the number of calls after which to ask again.

        Left alone, each moves whenever it has grown by an eighth. In the gaps that they leave the nodes
        of the program's graph settle, and much stays empty between them: 30 bytes a call at a million. An
        array keeps no room that is made for it.
        """
        more = len(self.key) // 2
        if more >= ROOM:
            for numbers in (self.made, self.meta, self.version, self.flags):
                numbers.extend(_Room(len(numbers) * 9 // 16))  # a bit more, as it is asked for afterwards
        return len(self.key) + max(more, ROOM)

    @property
    def weight(self) -> int:
        """How many calls with one input and one output would take as much memory, more or less."""
        return max(len(self.key), len(self.meta) // 2, len(self.inputs) // 8)

    @property
    def next_order(self) -> int:
        """How many calls were recorded so far, dropped ones included."""
        return self._next_order + len(self.key) - len(self._order)

    @property
    def order(self) -> array[int]:
        """When each call was made, counted in calls; it never changes, as a call's number does."""
        lag = len(self.key) - len(self._order)
        if lag > 0:
            count_on(self._order, self._next_order, lag)
            self._next_order += lag
        return self._order

    def order_of(self, call: int) -> int:
        """What `order[call]` is, told without filling in that column."""
        known = len(self._order)
        return self._order[call] if call < known else self._next_order + call - known

    @property
    def first_value(self) -> array[int]:
        """The first value that each call made, or would have made."""
        column = self._first_value
        if len(column) < len(self.key):
            for call, value in self._opened.items():
                if (lag := call - len(column)) >= 0:  # an interrupt may have left some that are filled in
                    count_on(column, value - lag, lag)
                    column.append(value)
            self._opened.clear()
            lag = len(self.key) - len(column)
            count_on(column, len(self.meta) - lag, lag)
        return column

    def sequence_ends(self) -> array[int]:
        """One more than the last number that a node got while each call ran."""
        return array("q", map(operator.add, self.sequence_begin, self.made))

    @property
    def tensor(self) -> array[int]:
        """Which tensor holds, or held, each value."""
        self._name_tensors()
        return self._tensor

    @property
    def storage(self) -> array[int]:
        """Which memory each value lies in: the number of the first tensor that was seen with it."""
        self._name_tensors()
        return self._storage

    @property
    def writers(self) -> dict[int, int]:
        """The last call that wrote each storage."""
        self._name_tensors()
        return self._writers

    def fill_in(self) -> None:
        """Let no column lag."""
        _ = self.order, self.first_value
        self._name_tensors()

    def _name_tensors(self) -> None:
        tensor, storage = self._tensor, self._storage
        if len(storage) == len(self.meta) and not self.aliases and not self._rewrites:
            return
        for first, (same, _) in self._rewrites.items():
            self._count_tensors(first)
            if len(tensor) == first:
                tensor.extend(picked(tensor, same))
        self._count_tensors(len(self.meta))
        storage.extend(tensor[len(storage) :])
        for value, other in self.aliases.items():
            storage[value] = other
        self.aliases.clear()
        for first, (same, call) in self._rewrites.items():
            storages = picked(storage, same)
            storage[first : first + len(same)] = storages
            self._writers.update(dict.fromkeys(storages, call))
        self._rewrites.clear()

    def _count_tensors(self, end: int) -> None:
        """Values before this one that aren't in their column yet are of tensors that were new."""
        lag = end - len(self._tensor)
        if lag > 0:
            first = self._next_tensor
            self._next_tensor += lag
            count_on(self._tensor, first, lag)

    def storage_of(self, value: int) -> int:
        """As `storage[value]`, and fills nothing in where no optimizer has written since that was done."""
        if value < len(self._storage):
            return self._storage[value]
        storage, known = self.aliases.get(value), len(self._tensor)
        if storage is not None:
            return storage
        if self._rewrites:
            return self.storage[value]
        return self._tensor[value] if value < known else self._next_tensor + value - known

    def mend(self) -> None:
        """Drop a record that was begun and not ended, after a fault or an interrupt."""
        self.unwritten.clear()
        values = min(len(self.meta), len(self.version), len(self.flags))
        calls = min(map(len, (self.key, self.sequence_begin, self.made, self.inputs_end)))
        if len(self.inputs_end) > len(self.key):
            # The hot path puts in the key last, and the value before it.
            values -= len(self.meta) == len(self.version)
        elif calls in self._opened or len(self._first_value) > calls:
            # Any other record says first which value will be its first.
            first = self._opened[calls] if calls in self._opened else self._first_value[calls]
            values = min(values, first)
        for numbers in (self.meta, self.version, self.flags):
            del numbers[values:]
        for column in (self._tensor, self._storage):
            del column[values:]
        for table in (self.kind, self.stack, self.detail, self.begin, self._opened):
            for call in [call for call in table if call >= calls]:
                del table[call]
        for lagging in (self.aliases, self._rewrites):
            for value in [value for value in lagging if value >= values]:
                del lagging[value]
        for storage in [storage for storage, call in self._writers.items() if call >= calls]:
            del self._writers[storage]
        for key in [key for key, value in self.values.items() if value >= values]:
            del self.values[key]
        for key in self.refs.keys() ^ self.values.keys():
            self.refs.pop(key, None)
            self.values.pop(key, None)
        for column in (self.key, self.sequence_begin, self.inputs_end, self._order, self._first_value):
            del column[calls:]
        del self.made[calls:]
        del self.inputs[self.inputs_end[-1] if calls else 0 :]
        self.begun = False

    def intern_key(self, key: tuple[int, int, int, int]) -> int:
        if self._free:
            index = self._free.pop()
            self.keys[index] = key
        else:
            self.keys.append(key)
            index = len(self.keys) - 1
        self.key_index[key] = index
        function, site, _, flags = key
        if (function, site, flags) not in self._met:
            self._met.add((function, site, flags))
            self.novel += 1
        return index

    def forget_modules(self, gone: set[int]) -> None:
        """Give the keys of modules that are gone to others; out of `gone` goes whom a call is left of."""
        gone.difference_update([self.keys[index][2] for index in set(self.key)])
        for key in [key for key in self.key_index if key[2] in gone]:
            self._free.append(self.key_index.pop(key))

    def meta_of(self, shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> tuple[int, int]:
        """The number of a shape, dtype and device, and what the dtype says of a value."""
        meta = self.meta_index.get((shape, dtype, device))
        if meta is None:
            meta = self.intern_meta((shape, dtype, device))
        flags = self.meta_flags[meta]
        self.latest[shape] = dtype, device, meta, flags
        return meta, flags

    def intern_meta(self, meta: Meta) -> int:
        floating = meta[1].is_floating_point or meta[1].is_complex
        del self.metas[len(self.meta_flags) :]  # what an interrupt left half done
        self.metas.append(meta)
        self.meta_flags.append(FLOATING if floating else 0)
        index = self.meta_index[meta] = len(self.metas) - 1
        return index

    def open(self, key: int, *, later: bool = False) -> int:
        """Begin a record that may make any number of values; gives its call's number.

        `later` lets the column of first values lag. It isn't for what comes in long rows, as records of new
        parameters do: what is kept beside the column would lie in between what is kept of each of them, and
        a list of them would be read slower ever after.
        """
        if self.begun:  # an interrupt cut the one before short
            self.mend()
        self.begun = True
        if later:
            if len(self._opened) >= WAITING:
                self.fill_in()
            self._opened[len(self.key)] = len(self.meta)
        else:
            self.first_value.append(len(self.meta))
        self.key.append(key)
        return len(self.key) - 1

    def enter(self, meta: int, version: int, flags: int, *, same: int = NONE, storage: int = NONE) -> int:
        """A new value; of the tensor that held `same`, and in its memory, where that isn't NONE."""
        value = len(self.meta)
        if same != NONE:
            tensors, storages = self.tensor, self.storage
            tensors.append(tensors[same])
            storages.append(storages[same] if storage == NONE else storage)
        elif storage != NONE:
            self.aliases[value] = storage
        self.meta.append(meta)
        self.version.append(version)
        self.flags.append(flags)
        return value

    def enter_written(self, same: int, version: int, flags: int, call: int) -> int:
        """A new value of the tensor that held `same`, which a call has written: all else is as it was."""
        self._name_tensors()
        value, storage = len(self.meta), self._storage[same]
        self._tensor.append(self._tensor[same])
        self._storage.append(storage)
        self._writers[storage] = call
        self.meta.append(self.meta[same])
        self.version.append(version)
        self.flags.append(flags)
        return value

    def value_of(self, tensor: Tensor) -> int:
        """The value a tensor holds as far as was seen; NONE for one that wasn't."""
        key = id(tensor)
        ref = self.refs.get(key)
        return self.values[key] if ref is not None and ref() is tensor else NONE

    def is_apart(self, value: int) -> bool:
        """Whether it is a view that was made without gradients of what has them, which torch calls a leaf."""
        if self.flags[value] & VIEW_AND_LEAF != VIEW_AND_LEAF:
            return False
        call = bisect_right(self.first_value, value) - 1
        return call not in self.kind and not self.keys[self.key[call]][3] & CallFlag.GRAD

    def forget(self, tensor: Tensor) -> None:
        """Know nothing of a tensor any more, and hold no weak reference to it."""
        if self.value_of(tensor) != NONE:
            del self.refs[id(tensor)], self.values[id(tensor)]

    def values_of(self, tensors: Sequence[Tensor]) -> list[int]:
        """As `value_of` of each, in functions written in C."""
        keys = list(map(id, tensors))
        values = list(map(self.values.get, keys, repeat(NONE)))
        alive = map(operator.call, map(self.refs.get, keys, repeat(_nobody)))
        known = list(map(operator.is_, alive, tensors))
        if all(known):
            return values
        return [value if here else NONE for value, here in zip(values, known, strict=True)]

    def enter_rewritten(
        self, keys: Sequence[int], values: Sequence[int], versions: Sequence[int], call: int
    ) -> tuple[int, ...]:
        """New values of the tensors with these ids that held these values, which a step has written."""
        first, pick = len(self.meta), picker(values)
        if len(self._rewrites) >= WAITING:
            self._name_tensors()
        if values:
            self._rewrites[first] = values, call
        self.meta.extend(pick(self.meta))
        self.flags.extend(pick(self.flags))
        self.version.extend(versions)
        made = tuple(range(first, len(self.meta)))
        self.values.update(zip(keys, made, strict=True))
        self.unwritten.clear()
        if len(made) > MANY:
            self.unwritten[first] = made
        return made

    def outputs(self, call: int) -> range:
        first = self.first_value
        return range(first[call], first[call + 1] if call + 1 < len(first) else len(self.meta))

    def inputs_of(self, call: int) -> array[int]:
        start = self.inputs_end[call - 1] if call else 0
        return self.inputs[start : self.inputs_end[call]]

    def _note_death(self, _: weakref.ref[Tensor]) -> None:
        """Forgets nothing, as somebody may just be looking through all."""
        self.died += 1

    def alive(self) -> dict[int, int]:
        """Values of the tensors that still exist, by id; forgets all others."""
        self.died = 0
        dead = [key for key, ref in self.refs.items() if ref() is None]
        for key in dead:
            del self.refs[key], self.values[key]
        return self.values
