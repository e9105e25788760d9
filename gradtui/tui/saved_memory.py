"""What saved tensors cost: by node and by module, each piece of memory counted once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gradtui.model.columns import NONE
from gradtui.model.saved import Saved
from gradtui.tui.view import View


@dataclass(frozen=True, slots=True)
class Holding:
    """One saved tensor."""

    place: int
    """Its index in what was told."""
    node: int
    size: int
    """Bytes of the memory that it keeps."""
    again: bool
    """Whether an earlier node keeps the same memory."""
    owned: bool
    """Whether the memory is a parameter's, which would be there anyway."""

    @property
    def counted(self) -> int:
        return 0 if self.again or self.owned else self.size


@dataclass(frozen=True, slots=True)
class Share:
    """What the nodes of one module keep."""

    module: str
    size: int
    tensors: int
    nodes: int


def holdings(saved: Saved, nodes: int) -> list[Holding]:
    """The saved tensors of the nodes that there are, those that keep most first."""
    seen: set[int] = set()
    found = []
    for place, node in enumerate(saved.node):
        storage = saved.storage[place]
        again = storage in seen
        if storage != NONE:
            seen.add(storage)
        if 0 <= node < nodes:
            owned = saved.owner[place] != NONE
            found.append(Holding(place, node, saved.size[place], again, owned))
    found.sort(key=lambda item: (-item.counted, item.place))
    return found


def shares(found: list[Holding], view: View) -> list[Share]:
    """The same by the module whose forward made the node, the largest first."""
    sizes: dict[str, int] = {}
    tensors: dict[str, int] = {}
    nodes: dict[str, set[int]] = {}
    for item in found:
        module = module_of(view, item.node)
        sizes[module] = sizes.get(module, 0) + item.counted
        tensors[module] = tensors.get(module, 0) + 1
        nodes.setdefault(module, set()).add(item.node)
    shares = [Share(name, size, tensors[name], len(nodes[name])) for name, size in sizes.items()]
    return sorted(shares, key=lambda share: -share.size)


def module_of(view: View, node: int) -> str:
    """The path of the module that made a node; empty outside of any."""
    trace = view.snapshot.trace
    call = view.labels.graph.call[node]
    number = trace.module[call] if call != NONE else NONE
    return view.labels.modules[number] if number != NONE else ""


def told(saved: Saved, found: list[Holding]) -> Iterator[str]:
    """The whole in a few words, the most important first."""
    counted = sum(item.counted for item in found)
    yield f"{bytes_text(counted)} kept by {len({item.node for item in found}):,} nodes"
    owned = {saved.storage[item.place]: item.size for item in found if item.owned}
    if owned:
        yield f"{bytes_text(sum(owned.values()))} more are parameters' own"
    if saved.hooked:
        yield f"{saved.hooked:,} nodes under saved-tensor hooks were not asked"
    if saved.unread:
        yield f"{saved.unread:,} nodes were not read"


def bytes_text(size: int) -> str:
    """`12 B`, `3.4 KiB`, `1.2 GiB`."""
    amount = float(size)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:,.0f} B" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:,.1f} TiB"
