"""Breaks as the debuggee tests them: at which nodes, and by what a gradient's figures say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from types import FrameType

from torch import Tensor

from gradtui.debuggee.module_scan import ModuleScan
from gradtui.debuggee.owners import Owners
from gradtui.debuggee.recorder import Recorder
from gradtui.model.breaks import Break, BreakKind
from gradtui.model.columns import NONE
from gradtui.model.graph import Graph
from gradtui.model.owners import GradState, Module

PLACES = frozenset([BreakKind.NODE, BreakKind.MODULE, BreakKind.PARAMETER, BreakKind.LINE])
"""Kinds that name nodes; the others ask what a gradient is."""


class Places:
    """Where the nodes of a graph stand: in which module, made by which line, for which parameter."""

    def __init__(
        self,
        graph: Graph,
        recorder: Recorder,
        owners: Owners,
        frames: Sequence[FrameType],
        number: Callable[[Tensor], int],
    ) -> None:
        self.graph, self.recorder = graph, recorder
        self._look: Callable[[], ModuleScan] = lambda: owners.look(frames, number)
        self._scan: ModuleScan | None = None

    @property
    def scan(self) -> ModuleScan:
        """What modules and parameters there are; looked for once, when it is first asked for."""
        if self._scan is None:
            self._scan = self._look()
        return self._scan

    def nodes(self, wanted: Break) -> frozenset[int]:
        """The nodes that a break of a kind in `PLACES` names."""
        match wanted.kind:
            case BreakKind.PARAMETER:
                tensors = self._tensors(wanted.name)
                return frozenset(node for node, leaf in enumerate(self.graph.leaf) if leaf in tensors)
            case BreakKind.MODULE:
                return self._within(_named(wanted.name, self.scan.modules))
            case BreakKind.LINE:
                return frozenset(node for node in range(len(self.graph)) if self._on_line(node, wanted))
            case _:
                named = [node for node in self._called(wanted.name) if self._made_at(node, wanted)]
                if wanted.occurrence >= 0:
                    named = named[wanted.occurrence : wanted.occurrence + 1]
                return frozenset(named)

    def beside(self, node: int) -> frozenset[int]:
        """The nodes of the innermost module that a node belongs to, and of those in it; leaves belong to all.

        A root is its own nodes alone: it would be the whole model.
        """
        module = self._module(node)
        parts = self.scan.modules
        if module == NONE or module >= len(parts) or parts[module].parent == NONE:
            return self._within({module}) | self._leaves()
        return self._within(_subtree(module, parts)) | self._leaves()

    def _leaves(self) -> frozenset[int]:
        return frozenset(node for node, leaf in enumerate(self.graph.leaf) if leaf != NONE)

    def _within(self, modules: Iterable[int]) -> frozenset[int]:
        wanted = set(modules)
        leaf = self.graph.leaf
        return frozenset(
            node for node in range(len(self.graph)) if leaf[node] == NONE and self._module(node) in wanted
        )

    def _tensors(self, name: str) -> set[int]:
        found = self.scan.parameters(lambda _: GradState.NONE, lambda _: (NONE, "", 0))
        return {parameter.tensor for parameter in found if name in parameter.names}

    def _key(self, node: int) -> tuple[int, int, int, int] | None:
        call = self.graph.call[node]
        return None if call == NONE else self.recorder.tape.keys[self.recorder.tape.key[call]]

    def _module(self, node: int) -> int:
        key = self._key(node)
        return NONE if key is None else key[2]

    def _called(self, name: str) -> list[int]:
        names = self.graph.names
        return [node for node, number in enumerate(self.graph.name) if names[number] == name]

    def _made_at(self, node: int, wanted: Break) -> bool:
        return not wanted.file or self._on_line(node, wanted)

    def _on_line(self, node: int, wanted: Break) -> bool:
        key = self._key(node)
        if key is None:
            return False
        site = self.recorder.sites.table[key[1]]
        return site.file == wanted.file and site.line <= wanted.line <= site.end_line


def _named(path: str, modules: Sequence[Module]) -> set[int]:
    """Numbers of the modules at a path, and of those in them."""
    found = {number for number, module in enumerate(modules) if module.kind and module.name == path}
    return {inner for number in found for inner in _subtree(number, modules)}


def _subtree(module: int, modules: Sequence[Module]) -> set[int]:
    found = {module}
    for number in range(len(modules)):
        above, path = number, [number]
        while above not in found and 0 <= modules[above].parent < len(modules) and len(path) <= len(modules):
            above = modules[above].parent
            path.append(above)
        if above in found:
            found.update(path)
    return found


class Conditions:
    """The breaks that are switched on now, made ready for one backward."""

    def __init__(self, breaks: Sequence[Break], places: Places, sent: set[Break]) -> None:
        """`sent` has those that came true of what was sent before in this backward; it is added to."""
        self.sent = sent
        self.entered: list[tuple[Break, frozenset[int]]] = []
        """Hold before a node of these, where the one before it isn't among them."""
        self.at: dict[int, Break] = {}
        """Hold before this node."""
        self.values = tuple((one, _false(one)) for one in breaks if one.kind not in PLACES)
        for one in breaks:
            if one.kind in (BreakKind.MODULE, BreakKind.LINE):
                self.entered.append((one, places.nodes(one)))
            elif one.kind in PLACES:
                self.at.update(dict.fromkeys(places.nodes(one), one))
        self.placed = bool(self.entered or self.at)

    def before(self, node: int, previous: int) -> Break | None:
        """The break that names a node, where backward comes to it from another place."""
        found = self.at.get(node)
        if found is not None:
            return found
        for one, nodes in self.entered:
            if node in nodes and previous not in nodes:
                return one
        return None

    def met(
        self, sent: Sequence[float], received: Callable[[], Sequence[float]], *, first: bool
    ) -> Break | None:
        """The first condition that is true of a norm that was sent, and of none that was received: at the
        first node, which is how backward began, all the same, and where none was sent before, as of gradients
        that cancel each other where they are added up."""
        found = None
        for one, false in self.values:
            if all(map(false, sent)):
                continue
            fresh = first or one not in self.sent
            self.sent.add(one)
            if found is None and (fresh or all(map(false, received()))):
                found = one
        return found


def _false(wanted: Break) -> Callable[[float], bool]:
    """Whether a condition isn't true of a norm; that way round, as it is asked once a gradient."""
    bound = wanted.bound
    match wanted.kind:
        case BreakKind.NONFINITE:
            return math.isfinite
        case BreakKind.ZERO:
            return bool
        case BreakKind.ABOVE:
            return lambda norm: not norm > bound
        case _:
            return lambda norm: not 0.0 < norm < bound
