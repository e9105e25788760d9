"""Who owned what over a whole run: at its end a program's model and optimizer may be gone already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from gradtui.model.columns import NONE
from gradtui.model.owners import Group, Optimizer, Parameter, Role
from gradtui.model.snapshot import Snapshot
from gradtui.model.source import Site

NAMELESS = "a leaf"
"""Stands where names are for a tensor that has none."""


class Owners:
    """Parameters and optimizers of all snapshots, each as it was last seen."""

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self.snapshots = snapshots

    @cached_property
    def _seen(self) -> dict[int, tuple[Parameter, Snapshot]]:
        found: dict[int, tuple[Parameter, Snapshot]] = {}
        for snapshot in self.snapshots:
            kinds = {module.kind for module in snapshot.modules}
            for one in snapshot.parameters:
                names = found[one.tensor][0].names if one.tensor in found else ()
                # Where a part has outlived its model, what the model called it tells more. If there are
                # several such parts, their names begin with their classes.
                name = one.names[0] if one.names else ""
                first, _, rest = name.partition(".")
                last = rest if first in kinds else name
                whole = bool(last and names) and names[0].endswith(f".{last}")
                found[one.tensor] = (replace(one, names=names) if whole else one), snapshot
        return found

    @cached_property
    def parameters(self) -> dict[int, Parameter]:
        """By tensor, in the order in which they were found."""
        return {tensor: parameter for tensor, (parameter, _) in self._seen.items()}

    @cached_property
    def _names(self) -> dict[int, str]:
        """The last name that each had: one that was taken out of its model has none any more."""
        names = {p.tensor: p.names[0] for one in self.snapshots for p in one.parameters if p.names}
        return names | {tensor: one.name for tensor, one in self.parameters.items() if one.names}

    @cached_property
    def registered(self) -> frozenset[int]:
        """Tensors that some module listed among its parameters at some time."""
        return frozenset(
            p.tensor for one in self.snapshots for p in one.parameters if p.role is Role.PARAMETER
        )

    def name(self, tensor: int) -> str:
        return self._names.get(tensor, "")

    def called(self, tensor: int) -> str:
        """Its name, or what is said of one that has none."""
        return self.name(tensor) or NAMELESS

    def made(self, tensor: int) -> Site | None:
        """Where a tensor was made."""
        seen = self._seen.get(tensor)
        if seen is None or seen[0].made == NONE:
            return None
        return seen[1].trace.sites[seen[0].made]

    @cached_property
    def optimizers(self) -> list[Optimizer]:
        """By number, each as it was when it last held anything; what its steps did is known to the end."""
        found: dict[int, Optimizer] = {}
        for snapshot in self.snapshots:
            for number, optimizer in enumerate(snapshot.optimizers):
                if optimizer.tensors or number not in found:
                    found[number] = optimizer
                else:
                    found[number] = replace(
                        found[number],
                        steps=optimizer.steps,
                        turns=optimizer.turns,
                        moved=optimizer.moved,
                        unmoved=optimizer.unmoved,
                        hardly_moved=optimizer.hardly_moved,
                        put_back=optimizer.put_back,
                    )
        for number, tensors in self._judged.items():
            if tensors and number in found and not found[number].tensors:
                found[number] = replace(found[number], groups=(Group(tuple(tensors)),))
        return [found[number] for number in sorted(found)]

    @cached_property
    def _judged(self) -> dict[int, list[int]]:
        """By optimizer what it held at its last step: one that lived for a short while is in no snapshot."""
        return {one.optimizer: list(one.states) for snapshot in self.snapshots for one in snapshot.judgements}

    def optimizer_made(self, number: int) -> Site | None:
        """Where an optimizer was built."""
        for snapshot in reversed(self.snapshots):
            if number < len(snapshot.optimizers) and snapshot.optimizers[number].made != NONE:
                made = snapshot.trace.sites[snapshot.optimizers[number].made]
                return made if made.line else None  # one of another thread
        return None

    def schedule_made(self, number: int) -> Site | None:
        """Where the last schedule of an optimizer's learning rates was made."""
        for snapshot in reversed(self.snapshots):
            if number < len(snapshot.optimizers) and snapshot.optimizers[number].schedule != NONE:
                return snapshot.trace.sites[snapshot.optimizers[number].schedule]
        return None

    def optimizer_stack(self, number: int) -> list[Site]:
        """The user's lines that were running when an optimizer was built, innermost first."""
        for snapshot in reversed(self.snapshots):
            if number < len(snapshot.optimizers) and (stack := snapshot.optimizers[number].made_stack):
                sites = snapshot.trace.sites
                return [sites[place] for place in stack if sites[place].user]
        return []

    @cached_property
    def held(self) -> dict[int, list[int]]:
        """Tensors that optimizers hold or held, with the numbers of the optimizers."""
        found: dict[int, list[int]] = {}
        for snapshot in self.snapshots:
            for number, optimizer in enumerate(snapshot.optimizers):
                for tensor in optimizer.tensors:
                    holders = found.setdefault(tensor, [])
                    if number not in holders:
                        holders.append(number)
        for number, tensors in self._judged.items():
            for tensor in tensors:
                found.setdefault(tensor, [number])
        return found
