"""A look around at a stop: which modules there are, what they keep, and what all of that is called."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from torch import Tensor
from torch.nn import Module, Parameter

from gradtui.debuggee.marks import LEAF, REQUIRES_GRAD
from gradtui.debuggee.names import Names
from gradtui.debuggee.optimizer_record import OptimizerRecord
from gradtui.debuggee.passive import shape_of, writes_of
from gradtui.model import owners as model
from gradtui.model.columns import NONE
from gradtui.model.owners import GradState, Role
from gradtui.model.torch_functions import MISSPELT_FLAGS

if TYPE_CHECKING:
    from gradtui.debuggee.owners import Owners

ODD = (*MISSPELT_FLAGS, "trainable", "freeze", "frozen")
"""Attributes that torch has no use for, and that may have been set to switch gradients on or off."""
OWN = frozenset(["_parameters", "_buffers", "_modules"])
"""Where a module keeps what is registered with it."""
MANY = 1000
"""Items beyond which a container isn't looked through."""
DECORATORS = 20
"""Of one method, of which no more are taken off: some could wrap each other."""


class ModuleScan:
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
        """The paths of a module below others than its parent; one below another root begins with its name."""
        above = [(*self.paths[id(other)], name) for other, name in self.shared[id(module)]]
        parts = [((self.root_name(top),) * (top is not root), path, name) for path, top, name in above]
        return tuple(".".join(filter(None, (*first, path, name))) for first, path, name in parts)

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
        for entry in self.owners.living:
            for held in entry.held():
                self._leaf(held)
        tape = self.owners.recorder.tape
        for key, value in list(tape.alive().items()):
            tensor = tape.refs[key]()
            leaf = tape.flags[value] & LEAF and tape.flags[value] & REQUIRES_GRAD
            if tensor is not None and leaf and not tape.is_apart(value):
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
                    shape=tuple(shape_of(tensor)),
                    dtype=str(tensor.dtype).removeprefix("torch."),
                    device=str(tensor.device),
                    requires_grad=tensor.requires_grad,
                    is_leaf=is_leaf,
                    version=writes_of(tensor),
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
        or one model's parameters would be named in two ways. And of several those that are single layers: a
        `weight` alone says nothing."""
        first: dict[str, str] = {}
        shared, deep = set(), set()
        for _, names, _ in self.tensors.values():
            for name in names:
                root, _, full = name.partition("|")
                if (other := first.setdefault(full, root)) != root:
                    shared |= {root, other}
                if "." in full:
                    deep.add(root)
        roots = {*first.values()} - {"0"}  # which is of those that belong to none
        return shared | (roots - deep if len(roots) > 1 else set())

    def _shown(self, name: str, roots: dict[int, Module], ambiguous: set[str]) -> str:
        root, _, full = name.partition("|")
        if root in ambiguous and int(root) in roots:
            return f"{self.root_name(roots[int(root)])}.{full}"
        return full

    def optimizers(self) -> tuple[model.Optimizer, ...]:
        return tuple(self._optimizer(entry) for entry in self.owners.optimizers)

    def _optimizer(self, entry: OptimizerRecord) -> model.Optimizer:
        optimizer = entry.ref()
        groups: list[tuple[dict[str, Any], Sequence[Tensor]]] = []
        if optimizer is not None:
            groups = [*zip(optimizer.param_groups, entry.by_group(optimizer), strict=True)]
            entry.name = self.names.outermost.get(id(optimizer)) or entry.name
        return model.Optimizer(
            kind=entry.kind,
            name=entry.name or entry.kind,
            groups=tuple(
                model.Group(
                    tuple(map(self.tensor_number, tensors)),
                    tuple((key, str(item)[:80]) for key, item in group.items() if key != "params"),
                    idle=entry.steps > 0 and entry.idle[place : place + 1] == [True],
                    began_idle=list(entry.began_idle[place : place + 1]) == [True],
                    rate_as_built=any(
                        rate is group.get("lr") for rate in entry.first_rates[place : place + 1]
                    ),
                    added=place >= len(entry.first_rates),
                )
                for place, (group, tensors) in enumerate(groups)
            ),
            made=entry.site,
            made_order=entry.order,
            made_stack=entry.stack,
            schedule=entry.schedule,
            torchs=entry.torchs,
            steps=entry.steps,
            spent=entry.spent,
            moved=tuple(entry.effect.moved),
            unmoved=tuple(entry.effect.unmoved()),
            hardly_moved=tuple(entry.effect.hardly_moved()),
            put_back=tuple(entry.effect.put_back()),
            turns=tuple(map(entry.turns, range(len(entry.idle)))),
        )


def attributes(item: object, name: str, depth: int = 2) -> Iterator[tuple[str, Tensor]]:
    """Tensors kept as a plain attribute, or in a plain list, dict or dataclass of one."""
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
    elif depth and hasattr(type(item), "__dataclass_fields__"):
        for key, inner_item in contained(item).items():
            yield from attributes(inner_item, f"{name}.{key}", depth - 1)


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
    """File and line of a class, read from its first method's code; empty where that is not known.

    What decorates a method, such as `torch.no_grad()`, stands in a file of its own.
    """
    for item in vars(kind).values():
        code = getattr(_undecorated(item), "__code__", None)
        if isinstance(code, CodeType):
            return code.co_filename, code.co_firstlineno
    return "", 0


def _undecorated(method: object) -> object:
    """What a decorator that says so has wrapped; for all else the thing itself."""
    for _ in range(DECORATORS):
        if not isinstance(method, FunctionType) or "__wrapped__" not in method.__dict__:
            break
        method = method.__dict__["__wrapped__"]
    return method
