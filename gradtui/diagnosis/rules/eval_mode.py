"""A model that was put into eval mode for an evaluation, and never back: what it computes in training mode
alone learns no more."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.definitions import Function
from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.source_text import SourceText, called_name
from gradtui.diagnosis.unoptimized import AT_WORK
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.owners import GradState
from gradtui.model.source import Site

LOOPS = (ast.For, ast.While)


def left_in_eval_mode(run: Run) -> Iterator[Finding]:
    """Parameters that had gradients while their module was in training mode, at the line that ended that."""
    missing = [one for one in run.history.lost if one.late and one.state is GradState.NONE]
    lost = [one for one in missing if _is_left(run, one)]
    calls = _never_back(run) if lost else []
    if len(calls) != 1 or not (trains := run.calls_of("train")):
        return
    (site,) = calls
    names = [run.owners.called(one.tensor) for one in lost]
    cause = at(
        Rule.UNUSED_PARAMETER,
        site,
        f"Call `{run.words.receiver(site)}.train()` after the evaluation, or before each epoch.",
    )
    message = (
        f"After `{run.words.expression(site)}` nothing puts the model into training mode again, and it "
        f"goes on to be trained: {listed(names)} {get(names)} no gradient from there on."
    )
    evidence = [
        Evidence(trains[0].file, trains[0].line, "it was put into training mode here, and isn't again")
    ]
    yield run.finding_of(lost, cause, message, names, severity=Severity.ERROR, evidence=evidence)


def _is_left(run: Run, lost: Lost) -> bool:
    """Whether the module of a parameter was in training mode at a step, and isn't at the last one."""
    parameter = run.owners.parameters.get(lost.tensor)
    modes = run.once(_modes).get(parameter.name.rpartition(".")[0], []) if parameter is not None else []
    return any(modes) and not modes[-1]


def _modes(run: Run) -> dict[str, list[bool]]:
    """By path of a module, alone and after its root's name, whether it was in training mode at each stop at
    which backward runs or an optimizer steps, in order. Of several of one path any counts."""
    found: dict[str, list[bool]] = {}
    for scene in run.scenes:
        here: dict[str, bool] = {}
        for module in scene.snapshot.modules if scene.snapshot.stop.kind in AT_WORK else ():
            for name in {module.name, f"{module.root}.{module.name}"} if module.name else ():
                here[name] = here.get(name, False) or module.training
        for name, training in here.items():
            found.setdefault(name, []).append(training)
    return found


def _never_back(run: Run) -> list[Site]:
    """Calls of `eval` in functions that evaluate, which train nothing, and call no `train` behind it; and
    such in a loop that trains as well, and in which no `train` is called."""
    found = []
    for site in run.calls_of("eval"):
        if run.words.receiver(site) and _in_the_loop(run.words, site):
            found.append(site)
            continue
        within = run.words.file(site.file).function_at(site.line)
        after = [
            one
            for name in ("train", "backward", "step")
            for one in run.words.calls(site, name)
            if run.words.file(site.file).function_at(one.line) is within
            if one.line > site.line or name != "train"
        ]
        if run.words.receiver(site) and within is not None and not after:
            found.append(site)
    return found


def _in_the_loop(words: SourceText, site: Site) -> bool:
    """Whether the innermost loop around a line runs backward, and puts nothing into training mode."""
    file = words.file(site.file)
    statement = file.statement(site)
    around = file.up(statement) if statement is not None else iter(())
    loop = next((one for one in around if isinstance(one, (*LOOPS, Function))), None)
    if not isinstance(loop, LOOPS):
        return False
    calls = {called_name(node) for node in ast.walk(loop) if isinstance(node, ast.Call)}
    return "backward" in calls and "train" not in calls
