"""Where a gradient died, in words, and where it ceased to be a number."""

from __future__ import annotations

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.zero_or_nan_ops import made_finite
from gradtui.diagnosis.naming import words_of
from gradtui.diagnosis.quoting import code
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.gradients import Death
from gradtui.model.source import Site
from gradtui.model.stops import BACKWARDS
from gradtui.model.torch_functions import SCALINGS


def of_nan(run: Run, scene: Scene, death: Death) -> Finding:
    """A backward that was handed a finite gradient, and what it sent on."""
    names = lost_names(scene, death)
    cause = at(
        Rule.NAN_GRADIENT,
        site_of(scene, death),
        made_finite(death),
        call=death.call,
    )
    message = (
        f"The backward of `{text_of(scene, death)}` was handed a finite gradient and sent on one that is not."
    )
    if names:
        message += f" {listed(names)} {get(names)} it."
    scaled = _scaled(scene)
    if scaled:
        message += " The loss is scaled for half precision: a GradScaler skips such a step."
    severity = Severity.NOTE if scaled else Severity.ERROR
    return run.finding(
        cause,
        severity,
        message,
        affected=names,
        tensors=death.leaves,
        evidence=module_of(scene, death),
        stop=scene.snapshot.stop.index,
    )


def lost_names(scene: Scene, death: Death) -> list[str]:
    """What the leaves are called that the gradient was for."""
    return [scene.owners.called(tensor) for tensor in death.leaves]


def text_of(scene: Scene, death: Death) -> str:
    """The expression whose backward it died in, or that backward's name."""
    return code(scene, death.call) if death.call != NONE else death.name


def module_of(scene: Scene, death: Death) -> list[Evidence]:
    """The module that it died in, where the line calls another one around it, such as a `Sequential`."""
    number = scene.trace.module[death.call] if death.call != NONE else NONE
    if number == NONE:
        return []
    module, site = scene.snapshot.modules[number], scene.user_site(death.call)
    path, last = module.name, module.name.rpartition(".")[2]
    if not path or module.file == site.file or scene.words.call_name(site) == last:
        return []
    what = f"it is the `{operation_of(scene, death)}` of module `{path}`, a `{module.kind}`"
    return [Evidence(site.file, site.line, what, death.call)]


def operation_of(scene: Scene, death: Death) -> str:
    """What it died in, as torch's function is called; by the node's name where no call is known."""
    if death.call != NONE:
        return scene.name(death.call)
    return "_".join(words_of(death.name.partition("Backward")[0]))


def site_of(scene: Scene, death: Death) -> Site:
    """Where that expression stands; where nothing tells, the call of that backward."""
    if death.call != NONE:
        return scene.user_site(death.call)
    stop = scene.snapshot.stop
    if stop.kind in BACKWARDS or not scene.backwards:
        return scene.trace.sites[stop.site]
    return scene.user_site(scene.backwards[-1])


def _scaled(scene: Scene) -> bool:
    """Whether the root is a loss that was multiplied beforehand, with half precision somewhere below it."""
    roots = scene.snapshot.stop.roots
    multiplied = any(scene.name(scene.producer[root]) in SCALINGS for root in roots)
    return multiplied and "float16" in scene.trace.dtypes
