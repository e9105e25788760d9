"""Zeros that no operation made: a hook that the program has put on did."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.definitions import given, result
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule
from gradtui.model.gradients import Death
from gradtui.model.source import Site
from gradtui.model.trace import Kind

MODULE_HOOK = "BackwardHookFunction"
"""The custom Function by which torch calls the backward hooks of modules."""
MODULE_HOOKS = ("register_full_backward_hook", "register_full_backward_pre_hook", "register_backward_hook")


def hooked(run: Run, lost: list[Lost]) -> Iterator[Finding]:
    """Zeros that no op made, where a hook hangs on the parameter or on something computed from it: the
    hook."""
    found: dict[tuple[str, int], tuple[Site, list[Lost]]] = {}
    hooks = _hooks(run) if lost else []
    for one in lost:
        parameter = run.owners.parameters.get(one.tensor)
        for site, name in hooks:
            own = parameter is not None and parameter.hooks > 0
            if own or _computed_from(run, one.tensor, name):
                found.setdefault((site.file, site.line), (site, []))[1].append(one)
                break
    for site, members in found.values():
        yield by_hook(run, site, members, sure=False)


def put_on(scene: Scene, death: Death) -> Site | None:
    """Where the hook was put on that stands between a node and what sent it a gradient, if that was seen."""
    made = scene.outputs[death.call] if death.call != NONE else ()
    tensors = {scene.tensor[value] for value in made} or set(death.leaves)
    hooks = [call for call in scene.trace.calls(Kind.HOOK) if scene.tensor[call.inputs[0]] in tensors]
    return scene.user_site(hooks[-1].index) if hooks else None


def freezes(scene: Scene, site: Site) -> bool:
    """Whether a hook gives zeros as it stands: whoever writes so freezes what it is put on."""
    return scene.words.arguments(site) == ["torch.zeros_like"]


def by_hook(run: Run, site: Site, lost: list[Lost], sure: bool) -> Finding:
    names = [run.owners.called(one.tensor) for one in lost]
    cause = at(
        Rule.ZERO_GRADIENT,
        site,
        "Let the hook return the gradient it is given, or take the hook out.",
        confidence=Confidence.EXACT if sure else Confidence.LIKELY,
    )
    message = f"{listed(names)} {get(names)} only zeros, and no op made them: the hook put on here did."
    return run.finding_of(lost, cause, message, names, evidence=_result(run, site))


def _result(run: Run, site: Site) -> Iterator[Evidence]:
    """What the hook returns that is put on at a site, where that is another line."""
    found = given(run.words, site)
    last = result(found[1]) if found is not None else None
    if found is not None and last is not None and (found[0], last.lineno) != (site.file, site.line):
        yield Evidence(found[0], last.lineno, "what the hook returns takes the gradient's place")


def _hooks(run: Run) -> list[tuple[Site, str]]:
    """The lines that put hooks on tensors, each with the name of what it is put on."""
    return [(site, run.words.receiver(site)) for site in run.calls_of("register_hook")]


def _computed_from(run: Run, tensor: int, name: str) -> bool:
    """Whether a value of this name descends, with its graph, from a tensor."""
    for scene in run.scenes:
        below = scene.descendants([v for v in scene.values_of((tensor,)) if scene.leaf[v]], attached=True)
        for value, inside in enumerate(below):
            made = scene.site(scene.producer[value])
            if inside and not scene.leaf[value] and scene.words.target(made) == name:
                return True
    return False
