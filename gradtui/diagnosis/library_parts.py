"""Parts of an installed library's modules that a training leaves idle, as the library means it to."""

from __future__ import annotations

from gradtui.diagnosis.run import Run
from gradtui.diagnosis.unused import used_modules, used_roots
from gradtui.model.owners import Module, Parameter
from gradtui.model.source import WRITTEN_BY_FX

TORCH = "/torch/"
"""The folder of torch's own layers: what one of these leaves alone was taken from it."""


def is_spare(run: Run, parameter: Parameter) -> bool:
    """Whether it is of a part that a library's module runs by itself, while the program takes another output:
    the pooler of a BERT. The innermost module around it of which something is used isn't the user's."""
    for chain in run.chains(parameter):
        around = next((one for one in chain if _is_used(run, one)), None)
        if around is None or around is chain[0] or not around.file:
            return False
        if run.of_user(around) or (around.file.startswith(WRITTEN_BY_FX) and _of_user(run, parameter)):
            return False
    return bool(run.chains(parameter))


def is_idle_in_a_library(run: Run, parameter: Parameter) -> bool:
    """Whether it is of a layer that a library's module has made for itself and that this, though it is
    called, leaves alone: a normalisation that nobody took out, an embedding for tokens that don't come. Or
    such a layer is called, and leaves what is its own alone: the token for what is masked. So does a layer
    that the user has made of a library's other than torch, whatever is around it."""
    for chain in run.chains(parameter):
        layer, *around = chain
        if _is_used(run, layer) and TORCH not in layer.file and layer.file and not run.of_user(layer):
            continue
        maker = next((one for one in around if one.called or not one.file), None)  # and no list that it is in
        if not layer.file or maker is None or not maker.file:
            return False
        if run.of_user(layer) or run.of_user(maker) or _of_user(run, parameter):
            return False
    return bool(run.chains(parameter))


def _is_used(run: Run, module: Module) -> bool:
    """Whether a module is called, and a loss uses something of it."""
    named = module.name in run.once(used_modules)
    return module.called and (named or (not module.name and module.root in run.once(used_roots)))


def _of_user(run: Run, parameter: Parameter) -> bool:
    """Whether the user's own line makes the layer of a parameter, and not a call that makes several."""
    made = run.owners.made(parameter.tensor)
    return made is not None and run.words.call_name(made) == run.modules_of(parameter)[0].kind
