"""Where parameters were made, and what keeps them: a module under which role, or the program alone."""

from __future__ import annotations

import ast
from collections.abc import Callable
from itertools import dropwhile

from gradtui.diagnosis.definitions import derived
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.unoptimized import bare
from gradtui.model.owners import Parameter, Role
from gradtui.model.source import Site

NAMELESS = "What is used"
"""How a sentence has what `kept_as` finds no name of."""
Place = tuple[str, int]


def by_line(
    parameters: list[Parameter], place: Callable[[Parameter], Site | None]
) -> dict[Place, tuple[Site, list[Parameter]]]:
    """Parameters by line, as `place` says where each was made; without those of which it doesn't."""
    found: dict[Place, tuple[Site, list[Parameter]]] = {}
    for parameter in parameters:
        site = place(parameter)
        if site is not None:
            found.setdefault((site.file, site.line), (site, []))[1].append(parameter)
    return found


def made_for(run: Run, parameter: Parameter) -> Site | None:
    """Where a tensor was made; where it belongs to a module that a plain container holds, where that was: a
    function may have made it for who puts it there."""
    held = [module for chain in run.chains(parameter) for module in chain if not module.registered]
    frames = run.making(parameter.tensor) if held else []
    inits = [f"{module.kind}.__init__" for module in held]
    inside = [place for place, site in enumerate(frames) if site.function in inits]
    outer = dropwhile(run.words.gives_away, frames[inside[-1] + 1 :] if inside else frames)
    return next(outer, None) or run.owners.made(parameter.tensor)


def plain_class(run: Run, parameter: Parameter) -> str:
    """The class of the user's that is no module and keeps a Parameter which it made itself; "" where another
    thing keeps it."""
    site = run.owners.made(parameter.tensor)
    if site is None or not bare(parameter) or not run.words.target(site).startswith("self."):
        return ""
    kind = site.function.split(".")[0]
    defined = any(one.name == kind for one in run.words.file(site.file).every(ast.ClassDef))
    return kind if defined and kind not in run.once(_modules) else ""


def _modules(run: Run) -> set[str]:
    return derived(run.words, "Module")


def how_kept(members: list[Parameter], it: str, plain: str = "") -> tuple[str, str]:
    """How a module keeps such tensors, or a class that is none, and what to do instead."""
    if plain:
        return (
            f"`{plain}`, which keeps {it}, is no module",
            f"Derive `{plain}` from `nn.Module`, so that `parameters()` lists {it}.",
        )
    keeps = f"the module keeps {it} in"
    if all(one.role is Role.BUFFER for one in members):
        single = len(members) == 1
        return (
            f"{keeps} {'a buffer' if single else 'buffers'}",
            f"Make {'it' if single else 'each'} an `nn.Parameter`, so that `parameters()` lists {it}.",
        )
    if all(map(bare, members)):
        return (
            f"no module has {it} as an attribute, as where a closure keeps {it}",
            f"Make {it} an attribute of a module that computes with {it}.",
        )
    if all(one.role is Role.ATTRIBUTE and "[" not in one.name for one in members):
        wrap = f"Wrap {it} in `nn.Parameter`, so that `parameters()` lists {it}."
        return f"{keeps} a plain attribute", wrap
    if all(one.role is Role.ATTRIBUTE for one in members):
        return (
            f"{keeps} a plain list or dict",
            "Keep them in an `nn.ParameterList` or an `nn.ParameterDict`.",
        )
    return (
        f"{keeps} what is no module, such as a plain list, a dict or a dataclass",
        "Keep the modules in an `nn.ModuleList` or an `nn.ModuleDict`; what holds them must be a module too.",
    )


def kept_as(scene: Scene, call: int) -> str:
    """What the program calls the result of a call; "" where it has no name."""
    tensors = {scene.tensor[value] for value in scene.outputs[call]}
    names = [one.name for one in scene.parameters.values() if one.tensor in tensors and one.names]
    target = scene.words.target(scene.user_site(call))
    return next(iter(names), target)
