"""A loss or gradients that are not numbers, where nobody watched the backward that made the first of them."""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite, isnan

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.forward_nan import WATCHED, explained
from gradtui.diagnosis.nonfinite import HALF
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.sentences import listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.gradients import GradHealth
from gradtui.model.stops import Stop, StopKind


def unwatched_nan(run: Run) -> Iterator[Finding]:
    """Where no death says which operation it was, the backward from which on nothing is a number."""
    deaths = [
        death for scene in run.scenes for death in scene.snapshot.deaths if death.state is GradHealth.NAN
    ]
    if explained(run) or not all(run.blameless(death.backward) for death in deaths):
        return
    trace = run.last.trace
    if HALF in trace.dtypes:
        return  # a scaled loss may overflow, and a GradScaler skips such a step
    stops = [stop for stop in run.last.snapshot.stops if stop.kind is StopKind.BACKWARD]
    by_index = {stop.index: stop for stop in stops}
    broken = run.history.broken
    first_step = min(broken.values(), default=None)
    loss = next((stop for stop in stops if stop.loss is not None and isnan(stop.loss)), None)
    began = by_index.get(first_step) if first_step is not None else None
    if loss is not None and not broken and any(_is_finite(stop) for stop in stops if stop.index > loss.index):
        return  # the program has thrown it away, or no weight would be a number any more
    if loss is not None and (began is None or loss.index <= began.index):
        began, message = loss, _of_loss(loss, by_index.get(loss.index - 1))
    elif began is not None:
        names = [run.owners.called(tensor) for tensor in broken]
        message = f"After backward {began.index} the gradient of {listed(names)} is not a number. "
        message += run.then(names)
        if loss is not None:
            message += f" From backward {loss.index} on the loss is nan as well."
    if began is None or not NONE < began.site < len(trace.sites):
        return
    site = trace.sites[began.site]
    cause = at(Rule.NAN_GRADIENT, site, WATCHED, confidence=Confidence.LIKELY)
    names = [run.owners.name(tensor) for tensor in broken if run.owners.name(tensor)]
    yield run.finding(
        cause, Severity.ERROR, message, affected=names, tensors=sorted(broken), stop=began.index
    )


def _is_finite(stop: Stop) -> bool:
    return stop.loss is not None and isfinite(stop.loss)


def _of_loss(stop: Stop, before: Stop | None) -> str:
    message = f"The loss of backward {stop.index} is nan, and so is every gradient that comes of it"
    if before is not None and before.loss is not None and _is_finite(before):
        message += f"; that of the backward before it was {before.loss:.4g}"
    return f"{message}."
