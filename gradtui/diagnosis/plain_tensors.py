"""Plain tensors that a module makes for itself and computes with: which there are, and what becomes of them.

They are neither Parameters nor buffers and need no gradient. What a module is handed is data, and not meant.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from gradtui.diagnosis.definitions import made_in
from gradtui.diagnosis.flow import Flow
from gradtui.diagnosis.naming import words_of
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.source_text import called_name
from gradtui.model.owners import Parameter, Role
from gradtui.model.source import Site
from gradtui.model.torch_functions import SCALINGS, last_part
from gradtui.model.trace import Kind

RANDOM = frozenset({"torch.randn", "torch.rand", "torch.normal", "torch.randn_like", "torch.rand_like"})
EMPTY = frozenset({"empty", "zeros", "new_empty", "new_zeros"})
FILLS = frozenset({"uniform_", "normal_", "kaiming_uniform_", "kaiming_normal_"})
"""What `nn.init` begins to fill a weight by; an orthogonal one is copied in, and may be a fixed rotation."""
NAMING = frozenset({"setattr", "register_buffer", "register_parameter"})
"""Functions that are given an attribute's name and what to bind it to."""
Place = tuple[str, int]


def kept(run: Run) -> list[Parameter]:
    """Those a module makes once: what is bound anew is kept up, as a queue is, or drawn for each step."""
    made = run.once(_makers)
    plain = [
        one
        for one in run.owners.parameters.values()
        if one.role is Role.ATTRIBUTE
        and not one.requires_grad
        and len(made[one.name].lines) == 1
        and not made[one.name].later
    ]
    places = [run.owners.made(one.tensor) for one in plain]
    own = {site: _own(run, site) for site in dict.fromkeys(places) if site is not None}
    return [one for one, site in zip(plain, places, strict=True) if site is not None and own[site]]


@dataclass
class Makers:
    """What has made that which an attribute was bound to."""

    lines: set[Place | None] = field(default_factory=set)
    later: bool = False
    """Whether some of it was made when an optimizer had stepped."""


def _makers(run: Run) -> dict[str, Makers]:
    """By name of an attribute."""
    found: dict[str, Makers] = {}
    first = min((one.order for one in run.history.judgements), default=0)
    for one in run.owners.parameters.values():
        if one.role is Role.ATTRIBUTE:
            site = run.owners.made(one.tensor)
            makers = found.setdefault(one.name, Makers())
            makers.lines.add((site.file, site.line) if site is not None else None)
            makers.later |= one.made_order > first
    return found


def _own(run: Run, site: Site) -> bool:
    """Whether a place is in the class of a module, or binds an attribute to what is made right there."""
    kinds = {module.kind for scene in run.scenes for module in scene.snapshot.modules}
    return made_in(run.words, site, kinds) or "." in run.words.target(site)


def attribute(parameter: Parameter) -> str:
    """What a module calls it: `gammas` of `layers.0.gammas[1]`."""
    return parameter.name.rpartition(".")[2].partition("[")[0]


def is_random(run: Run, parameter: Parameter) -> bool:
    """Whether it still holds the random numbers it was made of, several of them.

    What is written in place is kept up by the program itself, as a queue is, unless it was filled once.
    """
    if all(size == 1 for size in parameter.shape):
        return False
    if parameter.version:
        return last_part(parameter.made_by) in EMPTY and _filled_once(run, parameter, FILLS)
    return parameter.made_by in RANDOM or _scaled(run, parameter)


def _scaled(run: Run, parameter: Parameter) -> bool:
    """Whether it was made of random numbers by nothing but factors: `torch.randn(n, n) / math.sqrt(n)`."""
    for scene in run.scenes if last_part(parameter.made_by) in SCALINGS else ():
        value = scene.first_values.get(parameter.tensor)
        while value is not None:
            call = scene.producer[value]
            if scene.call(call).function in RANDOM:
                return True
            came = scene.inputs[call] if scene.name(call) in SCALINGS else ()
            value = came[0] if len(came) == 1 else None
    return False


def _filled_once(run: Run, parameter: Parameter, fills: Collection[str]) -> bool:
    """Whether it was only ever written at one place, by something that begins with one of these, as `nn.init`
    writes."""
    for scene in run.scenes:
        values = (value for value, one in enumerate(scene.tensor) if one == parameter.tensor)
        writes = [call for call in map(scene.producer.__getitem__, values) if scene.kind[call] == Kind.WRITE]
        if len(writes) == parameter.version and scene.name(writes[0]) in fills:
            return len({scene.trace.site[call] for call in writes}) == 1
    return False


def stays_zero(run: Run, parameter: Parameter) -> bool:
    """Whether it was made of zeros, of several, and the program has nothing that would ever change them."""
    return _constant(run, parameter, "zeros") or (
        bool(parameter.version)
        and last_part(parameter.made_by) in EMPTY
        and not all(size == 1 for size in parameter.shape)
        and _bound_once(run, parameter)
        and _filled_once(run, parameter, ("zero_",))
    )


def stays_one(run: Run, parameter: Parameter) -> bool:
    """Whether it was made of ones, of several, and the program has nothing that would ever change them."""
    return _constant(run, parameter, "ones")


def _constant(run: Run, parameter: Parameter, function: str) -> bool:
    several = not all(size == 1 for size in parameter.shape)
    made = last_part(parameter.made_by) == function
    return made and several and not parameter.version and _bound_once(run, parameter)


def _bound_once(run: Run, parameter: Parameter) -> bool:
    """Whether the program's text binds it at one place, to nothing else, and writes to it nowhere: what an
    option puts there, or a later phase does, may be of use when this isn't."""
    site = run.owners.made(parameter.tensor)
    if site is None:
        return False
    file, name = run.words.file(site.file), attribute(parameter)
    statement = file.statement(site)
    changed = run.once(_changed)
    if statement is None or [one for one in changed.get(name, ()) if one is not statement]:
        return False
    if not run.words.target(site).endswith(f".{name}"):
        return False
    node = file.node(site)
    around = file.up(node) if node is not None else ()
    return not any(isinstance(one, (ast.IfExp, ast.BoolOp, ast.Lambda)) for one in around)


def _changed(run: Run) -> dict[str, list[ast.stmt | ast.Call]]:
    """By name of an attribute what in the program's text binds it, or writes to what it is bound to."""
    found: dict[str, list[ast.stmt | ast.Call]] = {}
    for path in run.words.paths:
        file = run.words.file(path)
        for target, _, statement in file.assignments:
            for name in _attributes(target):
                found.setdefault(name, []).append(statement)
        for node in file.every(ast.Call):
            if not _initialises(file.function_at(node.lineno)):
                for name in _written(node):
                    found.setdefault(name, []).append(node)
    return found


def _initialises(function: ast.FunctionDef | ast.AsyncFunctionDef | None) -> bool:
    names = words_of(function.name) if function is not None else ()
    return any(word.startswith(("init", "reinit", "reset")) for word in names)


def _written(call: ast.Call) -> Iterator[str]:
    """Attributes that a call of the text binds, or writes to: `self.w.copy_(x)`, `init.ones_(self.w)`."""
    name = called_name(call)
    if name in NAMING:
        yield from (
            one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
        )
    if name.endswith("_") and not name.endswith("__"):
        yield from _attributes(call.func.value) if isinstance(call.func, ast.Attribute) else ()
        yield from (each for one in call.args[:1] for each in _attributes(one))


def _attributes(node: ast.expr) -> Iterator[str]:
    """The attributes of which something is written: `w` and `data` of `self.w.data[0]`."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        if isinstance(node, ast.Attribute):
            yield node.attr
        node = node.value


@dataclass(frozen=True, slots=True)
class Meeting:
    """A call that is given what was computed from a plain tensor alone, and something else."""

    flow: Flow
    call: int
    value: int
    """What of the plain tensor it is given."""

    @property
    def scene(self) -> Scene:
        return self.flow.scene

    @property
    def others(self) -> list[int]:
        """What else it is given."""
        return [one for one in self.scene.inputs[self.call] if one != self.value]


def meetings(run: Run, tensors: Collection[int]) -> dict[int, list[Meeting]]:
    """By tensor what meets it on the way to a loss, in the first flow in which it takes part."""
    found: dict[int, list[Meeting]] = {}
    for scene, window in run.history.windows:
        wanted = set(tensors) - found.keys()
        if not wanted:
            break
        flow = run.flow(scene, run.roots(scene, window.backwards))
        for tensor, values in starts(flow, wanted).items():
            found[tensor] = [*_meetings(flow, values)]
    return found


def starts(flow: Flow, tensors: Collection[int]) -> dict[int, list[int]]:
    """By tensor, of those that the loss was computed from, its values."""
    found: dict[int, list[int]] = {}
    for value, tensor in enumerate(flow.scene.tensor):
        if tensor in tensors and flow.within[value]:
            found.setdefault(tensor, []).append(value)
    return found


def _meetings(flow: Flow, values: list[int]) -> Iterator[Meeting]:
    scene, seen, pending = flow.scene, set(values), list(values)
    while pending:
        value = pending.pop()
        for call in dict.fromkeys(flow.consumers.of(value)):
            if all(one in seen or not scene.floating[one] for one in scene.inputs[call]):
                fresh = [made for made in flow.made_by(call) if made not in seen]
                seen.update(fresh)
                pending += fresh
            else:
                yield Meeting(flow, call, value)
