"""A model that was put into eval mode for an evaluation, and never back: what it computes in training mode
alone learns no more."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import get, listed
from gradtui.diagnosis.unoptimized import AT_WORK
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.source import Site


def left_in_eval_mode(run: Run, finding: Finding) -> Finding:
    """A finding about parameters that had gradients as long as their module was in training mode, at the line
    that ended that; any other as it is."""
    lost = {one.tensor: one for one in run.history.lost if one.late}
    if finding.severity is not Severity.ERROR or not finding.tensors or not lost.keys() >= {*finding.tensors}:
        return finding
    modes = run.once(_modes)
    seen = [
        modes.get(parameter.name.rpartition(".")[0], [])
        for tensor in finding.tensors
        if (parameter := run.owners.parameters.get(tensor)) is not None
    ]
    if not seen or not all(any(turns) and not turns[-1] for turns in seen):
        return finding
    calls = _never_back(run)
    if len(calls) != 1:
        return finding
    (site,) = calls
    call = run.words.expression(site)
    message = (
        f"After `{call}` nothing puts the model into training mode again, and it goes on to be trained: "
        f"{listed(finding.affected)} {get(finding.affected)} no gradient from there on."
    )
    place = Evidence(finding.file, finding.line, "in eval mode, this leaves them out")
    return replace(
        finding,
        rule=Rule.UNUSED_PARAMETER,
        file=site.file,
        line=site.line,
        column=site.column,
        end_line=site.end_line,
        end_column=site.end_column,
        message=message,
        fix=f"Call `{run.words.receiver(site)}.train()` after the evaluation, or before each epoch.",
        evidence=(place, *finding.evidence),
    )


def _modes(run: Run) -> dict[str, list[bool]]:
    """By path of a module, alone and after its root's name, whether it was in training mode at each stop at
    which backward runs or an optimizer steps, in order."""
    found: dict[str, list[bool]] = {}
    for scene in run.scenes:
        for module in scene.snapshot.modules if scene.snapshot.stop.kind in AT_WORK else ():
            for name in {module.name, f"{module.root}.{module.name}"} if module.name else ():
                found.setdefault(name, []).append(module.training)
    return found


def _never_back(run: Run) -> Collection[Site]:
    """Calls of `eval` in functions that don't call `train` behind them."""
    found = []
    for site in run.calls_of("eval"):
        file = run.words.file(site.file)
        within = file.function_at(site.line)
        back = [
            one
            for one in run.words.calls(site, "train")
            if file.function_at(one.line) is within and one.line > site.line
        ]
        if run.words.receiver(site) and not back:
            found.append(site)
    return found
