"""The record itself: columns of whole numbers for calls and values, and the weak map from tensors to values.

A call's outputs are the values made between it and the call before it, so neither has to name the other.
Columns are changed in place, never replaced: the recorder holds their `append` methods.
"""

from __future__ import annotations

import weakref
from array import array

import torch
from torch import Tensor

from gradtui.model.columns import NONE
from gradtui.model.trace import Kind, Tie, ValueFlag

TRACKED = 128
"""In the flags of a value, beside those of `ValueFlag`: it descends from something that requires grad."""

Meta = tuple[tuple[int, ...], torch.dtype, torch.device]
"""Shape, dtype and device, as torch has them."""


class Tape:
    """What was recorded of one thread, and is still kept."""

    def __init__(self) -> None:
        # one number a call
        self.key = array("i")
        self.sequence_begin = array("q")
        self.sequence_end = array("q")
        self.inputs = array("i")
        self.inputs_end = array("i")
        self.first_value = array("i")
        self.order = array("q")

        # what only few calls have
        self.kind: dict[int, Kind] = {}
        """Where it isn't OP."""
        self.stack: dict[int, int] = {}
        self.detail: dict[int, int] = {}
        self.begin: dict[int, int] = {}

        # one number a value
        self.meta = array("i")
        self.tensor = array("q")
        self.storage = array("q")
        self.version = array("q")
        self.flags = array("i")

        # what the numbers stand for
        self.keys: list[tuple[int, int, int, int]] = []
        """Function, site, module and flags of a call, by its key."""
        self.key_index: dict[tuple[int, int, int, int], int] = {}
        self.metas: list[Meta] = []
        self.meta_index: dict[Meta, int] = {}
        self.meta_flags: list[int] = []
        """Beside `metas`: FLOATING where a dtype can carry a gradient, else 0."""

        # tensors that may still be alive: by id, what they are and which value they hold
        self.refs: dict[int, weakref.ref[Tensor]] = {}
        self.values: dict[int, int] = {}
        self.writers: dict[int, int] = {}
        """The last call that wrote a storage."""
        self.ties: list[Tie] = []

        self.next_tensor = 0
        self.next_order = 0
        self.novel = 0
        """How many keys were new since somebody set it to 0: the program did something it never did."""

    def __len__(self) -> int:
        return len(self.key)

    def mend(self) -> None:
        """Drop a record that was begun and not ended, after a fault."""
        calls, values = len(self.inputs_end), min(len(column) for column in self.value_columns)
        calls = min(calls, *(len(column) for column in self.call_columns))
        for column in (*self.call_columns, self.inputs_end):
            del column[calls:]
        del self.inputs[self.inputs_end[-1] if calls else 0 :]
        for column in self.value_columns:
            del column[values:]
        for table in (self.kind, self.stack, self.detail, self.begin):
            for call in [call for call in table if call >= calls]:
                del table[call]
        for key in [key for key, value in self.values.items() if value >= values]:
            del self.refs[key], self.values[key]

    @property
    def call_columns(self) -> tuple[array[int], ...]:
        return self.key, self.sequence_begin, self.sequence_end, self.order, self.first_value

    @property
    def value_columns(self) -> tuple[array[int], ...]:
        return self.meta, self.tensor, self.storage, self.version, self.flags

    def intern_key(self, key: tuple[int, int, int, int]) -> int:
        index = self.key_index[key] = len(self.keys)
        self.keys.append(key)
        self.novel += 1
        return index

    def intern_meta(self, meta: Meta) -> int:
        index = self.meta_index[meta] = len(self.metas)
        self.metas.append(meta)
        floating = meta[1].is_floating_point or meta[1].is_complex
        self.meta_flags.append(int(ValueFlag.FLOATING) if floating else 0)
        return index

    def value_of(self, tensor: Tensor) -> int:
        """The value a tensor holds as far as was seen; NONE for one that wasn't."""
        key = id(tensor)
        ref = self.refs.get(key)
        return self.values[key] if ref is not None and ref() is tensor else NONE

    def rewritten(self, value: int, tensor: Tensor) -> None:
        """A new value of a tensor that was written and is otherwise what it was, made by the newest call."""
        self.values[id(tensor)] = len(self.meta)
        for column in (self.meta, self.tensor, self.storage, self.flags):
            column.append(column[value])
        self.version.append(tensor._version)

    def outputs(self, call: int) -> range:
        end = self.first_value[call + 1] if call + 1 < len(self.first_value) else len(self.meta)
        return range(self.first_value[call], end)

    def inputs_of(self, call: int) -> array[int]:
        start = self.inputs_end[call - 1] if call else 0
        return self.inputs[start : self.inputs_end[call]]

    def alive(self) -> dict[int, int]:
        """Values of the tensors that still exist, by id; forgets all others."""
        dead = [key for key, ref in self.refs.items() if ref() is None]
        for key in dead:
            del self.refs[key], self.values[key]
        return self.values
