"""Who owns which tensor: modules, parameters and optimizers, found without being told the model.

Modules are known from their calls and from a look through everything the garbage collector tracks, which is
taken only at stops. Nothing is held but by weak references.
"""

from __future__ import annotations

import gc
import inspect
import sys
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import compress
from operator import and_, call, is_
from types import CodeType, FrameType
from typing import Any

from torch import Tensor
from torch.nn import Module, Parameter
from torch.optim import Optimizer

from gradtui.debuggee.marks import LEAF, REQUIRES_GRAD
from gradtui.debuggee.recorder import Recorder
from gradtui.debuggee.repeats import forget_modules
from gradtui.model import owners as model
from gradtui.model.columns import NONE
from gradtui.model.owners import GradState, Role

ODD = ("require_grad", "required_grad", "requires_grads", "require_grads", "requiresgrad", "require_gradient",
       "requires_gradient", "req_grad", "trainable", "freeze", "frozen")  # fmt: skip
"""Attributes that look like a misspelt `requires_grad`."""
OWN = frozenset(["_parameters", "_buffers", "_modules"])
"""Where a module keeps what is registered with it."""
MANY = 1000
"""Items beyond which a container isn't looked through."""
SWITCHED = 8
"""Times that groups of an optimizer begin or cease to have a rate of 0, from which on it isn't noted when."""
NEW = 64
"""New modules after which it is looked for what belongs to those that are gone."""
GONE: Any = lambda: None  # noqa: E731 - in the place of a weak reference
"""Points at nothing."""


@dataclass(slots=True)
class Built:
    """An optimizer, when and where it was built."""

    ref: weakref.ref[Optimizer]
    kind: str
    site: int
    order: int
    first: list[weakref.ref[Tensor]]
    """What it held when it was built."""
    numbers: Sequence[int] = ()
    """The numbers of these tensors, once they are known; they stay theirs."""
    keys: Sequence[int] = ()
    """Their ids, once all of them are on the tape: while they live nobody else can have these."""
    name: str = ""
    """The variable that held it when it was looked at last."""
    steps: int = 0
    left_out: int = 0
    """Steps since the last that it made, which a GradScaler has left out."""
    backwards: int = 0
    """Backwards since then."""
    unusable: int = 0
    """How often in a row its gradients were no numbers when they were asked for after one of these."""
    began_idle: Sequence[bool] = ()
    """Beside the groups it was built with: whether their learning rate was 0 then."""
    first_rates: Sequence[float | None] = ()
    """Beside them: the objects that their learning rates were, but for tensors."""
    idle: list[bool] = field(default_factory=list)
    """Beside its groups: whether their learning rate was 0 at each step so far."""
    switched: list[tuple[int, list[bool]]] = field(default_factory=list)
    """The steps before which that changed for some group, each with whether they were 0 from there on."""

    def held(self) -> list[Tensor]:
        """What it holds now; nothing where it is gone."""
        optimizer = self.ref()
        return [] if optimizer is None else held_by(optimizer)

    def as_built(self, held: Sequence[Tensor]) -> bool:
        """Whether these are the very tensors that it was built with."""
        return len(held) == len(self.first) and all(map(is_, map(call, self.first), held))

    def with_lost(self, held: Sequence[Tensor]) -> list[Tensor]:
        """These tensors, and others that it was built with and somebody still has."""
        tensors = {id(tensor): tensor for tensor in held}
        for ref in self.first:
            tensor = ref()
            if tensor is not None:
                tensors.setdefault(id(tensor), tensor)
        return [*tensors.values()]

    def stepped(self, optimizer: Optimizer) -> None:
        """Count a step that it makes."""
        self.steps += 1
        now = idle_groups(optimizer)
        self.idle = [*map(and_, self.idle, now), *now[len(self.idle) :]]
        if len(self.switched) < SWITCHED and (not self.switched or self.switched[-1][1] != now):
            self.switched.append((self.steps - 1, now))

    def turns(self, place: int) -> tuple[int, ...]:
        """For how many steps in a row the rate of a group was 0, then wasn't, and so on."""
        if len(self.switched) >= SWITCHED or any(len(now) <= place for _, now in self.switched):
            return ()
        found = [0]
        ends = [*(steps for steps, _ in self.switched[1:]), self.steps]
        for (begin, now), end in zip(self.switched, ends, strict=False):
            if now[place] is (len(found) % 2 == 0):
                found.append(0)
            found[-1] += end - begin
        return tuple(found)


def rates(optimizer: Optimizer) -> list[float | None]:
    """By group the learning rate; None for one that is a tensor, which isn't asked: it may wait."""
    found = (group.get("lr") for group in optimizer.param_groups)
    return [rate if type(rate) in (float, int) else None for rate in found]


def idle_groups(optimizer: Optimizer) -> list[bool]:
    """By group, whether the learning rate is exactly 0."""
    return [rate == 0 for rate in rates(optimizer)]


def held_by(optimizer: Optimizer) -> list[Tensor]:
    """The tensors in an optimizer's groups."""
    return [tensor for group in optimizer.param_groups for tensor in group["params"]]


class Owners:
    """Numbers of modules and optimizers, and the look around that a snapshot needs."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.modules: list[weakref.ref[Module]] = []
        self.called: set[int] = set()
        self.root_names: dict[int, str] = {}
        """By number of a module the variable that held it when it was looked at last."""
        self.optimizers: list[Built] = []
        self.parameters_made = 0
        self._number: dict[int, int] = {}
        self._stamp = (-1, -1)
        self._sweep_at = NEW

    def module_number(self, module: Module) -> int:
        """The number of a module that is being called."""
        number = self._number.get(id(module))
        if number is None or self.modules[number]() is not module:
            number = self._enter(module)
        self.called.add(number)
        return number

    def _enter(self, module: Module) -> int:
        number = self._number[id(module)] = len(self.modules)
        self.modules.append(weakref.ref(module))
        if number >= self._sweep_at:
            self._sweep()
        return number

    def _sweep(self) -> None:
        """Forget what calls in modules that are gone came to; the rarer, the more there is of others."""
        modules, left = self.modules, 0
        for info in self.recorder.functions.by_function.values():
            forget_modules(info.repeats, lambda number: number < len(modules) and modules[number]() is None)
            left += len(info.repeats)
        self._sweep_at = len(modules) + max(NEW, left)

    def all_modules(self) -> list[Module]:
        """Every module there is. Looks for new ones only where parameters were made or modules met since."""
        stamp = (self.parameters_made, len(self.modules))
        if stamp != self._stamp:
            # Hundreds of thousands of objects: they are sifted by their types, in functions written in C. By
            # the types' ids, as a metaclass may forbid to hash its classes.
            objects = gc.get_objects()
            kinds = dict(zip(map(id, map(type, objects)), map(type, objects), strict=True))
            wanted = {key for key, kind in kinds.items() if issubclass(kind, Module)}
            for item in compress(objects, map(wanted.__contains__, map(id, map(type, objects)))):
                number = self._number.get(id(item))
                if number is None or self.modules[number]() is not item:
                    self._enter(item)
            self._stamp = (self.parameters_made, len(self.modules))
        return [module for ref in self.modules if (module := ref()) is not None]

    def built(self, optimizer: Optimizer, site: int, order: int) -> None:
        first = [weakref.ref(tensor) for tensor in held_by(optimizer)]
        known = self.optimizer_number(optimizer)
        kind, began, given = type(optimizer).__name__, idle_groups(optimizer), rates(optimizer)
        entry = Built(weakref.ref(optimizer), kind, site, order, first, began_idle=began, first_rates=given)
        if known == NONE:
            self.optimizers.append(entry)
        else:
            self.optimizers[known] = entry

    @contextmanager
    def let_go(self, *tensors: Tensor) -> Iterator[None]:
        """Within it no optimizer is known to have been built with these, so none has a weak reference."""
        places = [
            (built.first, place, tensor)
            for built in self.optimizers
            for place, ref in enumerate(built.first)
            for tensor in tensors
            if ref() is tensor
        ]
        for first, place, _ in places:
            first[place] = GONE
        try:
            yield
        finally:
            for first, place, tensor in places:
                first[place] = weakref.ref(tensor)
            for built in self.optimizers:
                built.numbers = built.keys = ()

    def optimizer_number(self, optimizer: Optimizer) -> int:
        for number, entry in enumerate(self.optimizers):
            if entry.ref() is optimizer:
                return number
        return NONE

    def look(self, frames: Iterable[FrameType], tensor_number: Any) -> Around:
        """Everything that owns tensors now, with the names that the program's own frames give it."""
        return Around(self, Names(frames), tensor_number)


class Names:
    """Names of objects in the user's frames and in the main module, by identity."""

    def __init__(self, frames: Iterable[FrameType]) -> None:
        self.of: dict[int, str] = {}
        """As where the program is: the innermost name."""
        self.outermost: dict[int, str] = {}
        """As where a model was made: one function may be given several under one name."""
        main = sys.modules.get("__main__")
        spaces: list[dict[str, Any]] = []
        for frame in frames:
            spaces.append(local_names(frame))
            spaces.append(frame.f_globals)
        if main is not None:
            spaces.append(vars(main))
        for space in spaces:
            here: dict[int, str] = {}
            for name, item in list(space.items()):
                if not name.startswith("__"):
                    here.setdefault(id(item), name)
            self.of = {**here, **self.of}
            self.outermost.update(here)
        for space in spaces:
            holder = space.get("self")
            if holder is not None and not isinstance(holder, Tensor):
                for name, item in list(getattr(holder, "__dict__", {}).items()):
                    self.of.setdefault(id(item), f"self.{name}")
                    self.outermost.setdefault(id(item), f"self.{name}")


def local_names(frame: FrameType) -> dict[str, Any]:
    """The variables of a frame, leaving no cached copy behind that would keep tensors alive."""
    found = dict(frame.f_locals)
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        frame.f_locals.clear()
    return found


class Around:
    """What a look around found, as values of the model."""

    def __init__(self, owners: Owners, names: Names, tensor_number: Any) -> None:
        self.owners, self.names, self.tensor_number = owners, names, tensor_number
        self.tensors: dict[int, tuple[Tensor, list[str], Role]] = {}
        self.live = self._modules()
        self._by_id = {id(module): module for module in self.live}
        self.parents: dict[int, tuple[int, str]] = {}
        self.shared: dict[int, list[tuple[Module, str]]] = {}
        """By id of a module those that have it too, beside its parent, and what they call it."""
        for module in self.live:
            for name, child in module._modules.items():
                if child is not None and self.parents.setdefault(id(child), (id(module), name))[0] != id(
                    module
                ):
                    self.shared.setdefault(id(child), []).append((module, name))
        self.unregistered: set[int] = set()
        """By id: what a module keeps in a plain list, tuple, set, dict or dataclass."""
        self._adopt()
        self.paths = {id(module): self._path(module) for module in self.live}
        self.modules = self._module_values()
        self._own_tensors()
        self._held_tensors()

    def _modules(self) -> list[Module]:
        return [module for module in self.owners.all_modules() if "_modules" in module.__dict__]

    def _adopt(self) -> None:
        """Give what stands in a plain container of a module that module as its parent."""
        for module in self.live:
            for name, item in list(module.__dict__.items()):
                for path, child in modules_in(item, name) if name not in OWN else ():
                    if id(child) not in self.parents and not self._below(module, child):
                        self.parents[id(child)] = (id(module), path)
                        self.unregistered.add(id(child))

    def _below(self, module: Module, other: Module) -> bool:
        """Whether a module is another one, or stands somewhere below it."""
        here, seen = id(module), {id(module)}
        while here != id(other) and here in self.parents:
            here = self.parents[here][0]
            if here in seen:
                return False
            seen.add(here)
        return here == id(other)

    def _path(self, module: Module) -> tuple[str, Module]:
        """The module's path below its root, and the root."""
        parts: list[str] = []
        here, seen = module, {id(module)}
        while id(here) in self.parents:
            parent, name = self.parents[id(here)]
            if parent in seen:
                break
            seen.add(parent)
            parts.append(name)
            here = self._by_id[parent]
        return ".".join(reversed(parts)), here

    def _other_paths(self, module: Module, root: Module) -> tuple[str, ...]:
        """The paths of a module below others of the same root than its parent."""
        above = [(*self.paths[id(other)], name) for other, name in self.shared[id(module)]]
        return tuple(f"{path}.{name}" if path else name for path, top, name in above if top is root)

    def root_name(self, root: Module) -> str:
        """The variable that holds a model, or did when it was looked at last: at a program's end none may."""
        number, name = self.owners._number.get(id(root), NONE), self.names.outermost.get(id(root))
        if name:
            self.owners.root_names[number] = name
        return name or self.owners.root_names.get(number) or type(root).__name__

    def _module_values(self) -> tuple[model.Module, ...]:
        owners = self.owners
        values = []
        for number, ref in enumerate(owners.modules):
            module = ref()
            if module is None or id(module) not in self.paths:
                values.append(model.Module("", "", "", training=False, called=number in owners.called))
                continue
            path, root = self.paths[id(module)]
            parent = self.parents.get(id(module))
            file, line = defined(type(module))
            values.append(
                model.Module(
                    name=path,
                    root=self.root_name(root),
                    kind=type(module).__name__,
                    training=module.training,
                    parent=owners._number.get(parent[0], NONE) if parent else NONE,
                    called=number in owners.called,
                    odd_names=odd_names(module, (*ODD, "requires_grad")),
                    file=file,
                    line=line,
                    also=self._other_paths(module, root) if id(module) in self.shared else (),
                    registered=id(module) not in self.unregistered,
                )
            )
        return tuple(values)

    def _own_tensors(self) -> None:
        for module in self.live:
            for name, parameter in module._parameters.items():
                if parameter is not None:
                    self._add(parameter, module, name, Role.PARAMETER)
            for name, buffer in module._buffers.items():
                if buffer is not None:
                    self._add(buffer, module, name, Role.BUFFER)
        for module in self.live:
            for name, item in list(module.__dict__.items()):
                if name not in OWN:
                    for path, tensor in attributes(item, name):
                        # A private list beside the parameters, such as an RNN's flat weights, ties nothing.
                        if not name.startswith("_") or id(tensor) not in self.tensors:
                            self._add(tensor, module, path, Role.ATTRIBUTE)

    def _add(self, tensor: Tensor, module: Module, name: str, role: Role) -> None:
        path, root = self.paths[id(module)]
        full = f"{path}.{name}" if path else name
        entry = self.tensors.get(id(tensor))
        if entry is None:
            self.tensors[id(tensor)] = (tensor, [f"{id(root)}|{full}"], role)
        else:
            entry[1].append(f"{id(root)}|{full}")

    def _held_tensors(self) -> None:
        """Leaves that require grad, or that an optimizer holds, and belong to no module."""
        for entry in self.owners.optimizers:
            for held in entry.held():
                self._leaf(held)
        tape = self.owners.recorder.tape
        for key, value in list(tape.alive().items()):
            tensor = tape.refs[key]()
            if tensor is not None and tape.flags[value] & LEAF and tape.flags[value] & REQUIRES_GRAD:
                self._leaf(tensor)

    def _leaf(self, tensor: Tensor) -> None:
        if id(tensor) not in self.tensors:
            name = self.names.of.get(id(tensor), "")
            self.tensors[id(tensor)] = (tensor, [f"0|{name}"] if name else [], Role.LEAF)

    def parameters(self, state: Any, made: Any) -> tuple[model.Parameter, ...]:
        """All owned tensors; `state` says how a tensor's gradient stands and `made` where it came from."""
        roots = {id(module): module for module in self.live}
        ambiguous = self._ambiguous()
        found = []
        for tensor, names, role in self.tensors.values():
            shown = tuple(dict.fromkeys(self._shown(name, roots, ambiguous) for name in names))
            number = self.tensor_number(tensor)
            site, by, order = made(number)
            is_leaf = self.owners.recorder.is_leaf(tensor)
            found.append(
                model.Parameter(
                    tensor=number,
                    names=shown,
                    role=role,
                    shape=tuple(tensor.shape),
                    dtype=str(tensor.dtype).removeprefix("torch."),
                    device=str(tensor.device),
                    requires_grad=tensor.requires_grad,
                    is_leaf=is_leaf,
                    version=-1 if tensor.is_inference() else tensor._version,
                    grad=state(tensor) if is_leaf else GradState.NONE,
                    made=site,
                    made_by=by,
                    made_order=order,
                    odd_names=odd_names(tensor, ODD),
                    retains_grad=tensor.retains_grad,
                    hooks=len(tensor._backward_hooks or ()),
                )
            )
        return tuple(found)

    def _ambiguous(self) -> set[str]:
        """Roots of which some tensor is named like another root's: all that is below them needs their name,
        or one model's parameters would be named in two ways."""
        first: dict[str, str] = {}
        shared = set()
        for _, names, _ in self.tensors.values():
            for name in names:
                root, _, full = name.partition("|")
                if (other := first.setdefault(full, root)) != root:
                    shared |= {root, other}
        return shared

    def _shown(self, name: str, roots: dict[int, Module], ambiguous: set[str]) -> str:
        root, _, full = name.partition("|")
        if root in ambiguous and int(root) in roots:
            return f"{self.root_name(roots[int(root)])}.{full}"
        return full

    def optimizers(self) -> tuple[model.Optimizer, ...]:
        return tuple(self._optimizer(entry) for entry in self.owners.optimizers)

    def _optimizer(self, entry: Built) -> model.Optimizer:
        optimizer = entry.ref()
        groups = [] if optimizer is None else optimizer.param_groups
        if optimizer is not None:
            entry.name = self.names.outermost.get(id(optimizer)) or entry.name
        return model.Optimizer(
            kind=entry.kind,
            name=entry.name or entry.kind,
            groups=tuple(
                model.Group(
                    tuple(self.tensor_number(tensor) for tensor in group["params"]),
                    tuple((key, str(item)[:80]) for key, item in group.items() if key != "params"),
                    idle=entry.steps > 0 and entry.idle[place : place + 1] == [True],
                    began_idle=list(entry.began_idle[place : place + 1]) == [True],
                    rate_as_built=any(
                        rate is group.get("lr") for rate in entry.first_rates[place : place + 1]
                    ),
                )
                for place, group in enumerate(groups)
            ),
            made=entry.site,
            made_order=entry.order,
            steps=entry.steps,
            turns=tuple(map(entry.turns, range(len(entry.idle)))),
        )


def attributes(item: object, name: str, depth: int = 2) -> Iterator[tuple[str, Tensor]]:
    """Tensors kept as a plain attribute, or in a plain list or dict of one."""
    if isinstance(item, Tensor):
        if not isinstance(item, Parameter) and not item.requires_grad and depth < 2 and item.dim() == 0:
            return
        yield name, item
    elif depth and isinstance(item, dict) and len(item) <= MANY:
        for key, inner_item in list(item.items()):
            yield from attributes(inner_item, f"{name}[{key!r}]", depth - 1)
    elif depth and isinstance(item, (list, tuple)) and len(item) <= MANY:
        for index, inner_item in enumerate(item):
            yield from attributes(inner_item, f"{name}[{index}]", depth - 1)


def modules_in(item: object, name: str, depth: int = 2) -> Iterator[tuple[str, Module]]:
    """Modules in a plain container, with the path that each would have in a ModuleList or a ModuleDict."""
    inside = contained(item) if depth else {}
    for key, inner in inside.items():
        if isinstance(inner, Module):
            yield f"{name}.{key}", inner
        else:
            yield from modules_in(inner, f"{name}.{key}", depth - 1)


def contained(item: object) -> dict[Any, object]:
    """What a plain container holds, or an instance of a dataclass; nothing where that is too much."""
    if isinstance(item, dict):
        return dict(item) if len(item) <= MANY else {}
    if isinstance(item, (list, tuple, set, frozenset)):
        return dict(enumerate(item)) if len(item) <= MANY else {}
    return (
        dict(vars(item)) if hasattr(type(item), "__dataclass_fields__") and hasattr(item, "__dict__") else {}
    )


def odd_names(item: object, names: Iterable[str]) -> tuple[str, ...]:
    own = getattr(item, "__dict__", {})
    return tuple(name for name in names if name in own)


def defined(kind: type) -> tuple[str, int]:
    """File and line of a class, read from its first method's code; empty where that is not known."""
    for item in vars(kind).values():
        code = getattr(item, "__code__", None)
        if isinstance(code, CodeType):
            return code.co_filename, code.co_firstlineno
    return "", 0


def held_now(owners: Owners) -> Iterator[Tensor]:
    """Tensors in the groups of optimizers that exist, and parameters of modules that were called."""
    for entry in owners.optimizers:
        yield from entry.held()
    for ref in owners.modules:
        module = ref()
        if module is not None:
            for parameter in module._parameters.values():
                if parameter is not None:
                    yield parameter
