"""The exception that the program raised: why, and at which line that came about.

What an exception says is only where it begins: the finding names the line that caused it. An exception that
has nothing to do with gradients is reported as what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations import deaths, forward_nan, freed_graph, stale_save
from gradtui.diagnosis.explanations.empty_optimizer import empty_optimizer
from gradtui.diagnosis.quoting import THE_VALUE, quoted, spoken
from gradtui.diagnosis.rules.exceptions import (
    anomaly,
    autograd_grad,
    checkpoint,
    custom_function,
    no_derivative,
    not_a_tensor,
    untracked_loss,
)
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Evidence, Finding, Rule, Severity
from gradtui.model.gradients import GradHealth
from gradtui.model.stops import Raised
from gradtui.model.trace import CallFlag, ValueFlag

NOT_FINITE = (
    r"(?i)\bnans?\b|\binf(s|inite|inity)?\b|isnan|isfinite|isinf|not finite|non-?finite|invalid values"
)
SHAPES = r"\b(shapes?|sizes?|dim|dims|dimensions?|must match)\b"
SHAPED = ("RuntimeError", "ValueError", "IndexError", "AssertionError")
"""Exceptions whose message may be about a shape."""
VIEWS = 1000
"""Calls that are followed from a tensor back to where inference mode made it: of views there are few
behind each other, and without an end a long trace would be walked whole."""
Explains = Callable[[Run, Scene, Raised], Iterable[Finding]]


def exception(run: Run) -> Iterator[Finding]:
    """What explains the exception; the exception itself where nothing does."""
    scene = run.raising
    if scene is None or scene.snapshot.raised is None:
        return
    raised = scene.snapshot.raised
    for pattern, explain in PATTERNS:
        if re.search(pattern, raised.message):
            found = list(explain(run, scene, raised))
            if found:
                yield from found
                return
    site = scene.raised_site(raised)
    texts = (raised.message, run.words.whole(site) if site is not None else "")
    unsound = any(re.search(NOT_FINITE, text) for text in texts)
    found = [*forward_nan.raised(run, scene, raised)] if unsound else []
    yield from found or _died(run, scene, raised) or itself(run, scene, raised)


def _died(run: Run, scene: Scene, raised: Raised) -> list[Finding]:
    """Where a gradient became NaN, if what was raised within backward is about that: a hook may raise it."""
    known = scene.snapshot.deaths if raised.in_backward else ()
    died = [death for death in known if death.state is GradHealth.NAN]
    if not died or not re.search(NOT_FINITE, raised.message):
        return []
    return [deaths.of_nan(run, scene, died[0])]


def itself(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    site = scene.raised_site(raised)
    if site is None:
        return
    first = raised.message.strip().splitlines()[0] if raised.message.strip() else ""
    # A key or an attribute may be called `hidden_size`: torch speaks of shapes by these alone.
    shapes = raised.type in SHAPED and re.search(SHAPES, first) is not None
    about = "This is about shapes, not about gradients." if shapes else "This is not about gradients."
    if raised.in_backward:
        about = "Backward was running: what lies beyond gets no gradient."
    if raised.type in ("KeyboardInterrupt", "SystemExit"):
        return
    advice = "Mend what the exception says." if raised.in_backward else _advice(shapes, first)
    died = [death for one in run.scenes for death in one.snapshot.deaths if death.state is GradHealth.NAN]
    if not shapes and not all(run.blameless(death.backward) for death in died):
        about = "Gradients had become NaN or infinite before that, and a step writes them into what it moves."
        advice = "Mend what made them so first."
    cause = at(Rule.OTHER, site, advice)
    said = f"{raised.type}: {first.rstrip('. ')}" if first else raised.type
    yield run.finding(cause, Severity.ERROR, f"The program ended here with {said}. {about}")


def _advice(shapes: bool, message: str) -> str:
    if "only for scalar outputs" in message:
        return "Make it one number before `backward`, with `.mean()` or `.sum()`."
    if shapes:
        return "Print the `.shape` of what goes into this line and compare it with what the layer expects."
    return "Fix what the exception says: gradients have no part in it."


def _leaf_inplace(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    site = scene.raised_site(raised)
    if site is None:
        return
    call = scene.failing
    inputs = scene.trace.inputs[call] if call != NONE else ()
    names = [spoken(scene, value) or THE_VALUE for value in inputs if scene.leaf[value]][:1]
    name = f"`{names[0]}`" if names else "What is written to"
    cause = at(
        Rule.LEAF_INPLACE,
        site,
        "Write to it under `with torch.no_grad():`, so that torch knows that it is an update and no "
        "computation.",
        call=call,
    )
    message = (
        f"{name} is a leaf that requires grad and is written in place here while gradients are recorded: "
        "torch could not say any more what its gradient means, and raises."
    )
    yield run.finding(cause, Severity.ERROR, message, affected=names)


def _inference(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """An inference tensor was given to something that is to be trained: where it was made."""
    site = scene.raised_site(raised)
    last = scene.failing
    given = scene.trace.inputs[last] if last != NONE else ()
    values = [value for value in given if scene.trace.value(value).flags & ValueFlag.INFERENCE]
    if values:
        made = _made_in_inference(scene, values[0])
    else:
        backwards = range(len(scene.kind) - 1, -1, -1)
        made = next((call for call in backwards if scene.trace.flags[call] & CallFlag.INFERENCE), NONE)
    if made == NONE:
        return
    cause = causes.of_mode(scene, made)
    names = [spoken(scene, value) or THE_VALUE for value in values[:1]]
    there = f"line {site.line}" if site and site.file == cause.site.file else site.place if site else ""
    used = f" and used in training at {there}" if there else ""
    message = (
        f"{quoted(spoken(scene, values[0])) if values else 'A tensor'} was computed in inference mode{used}: "
        "torch can keep no graph through such tensors, and raises."
    )
    evidence = [Evidence(site.file, site.line, "where it meets what is trained")] if site else []
    yield run.finding(cause, Severity.ERROR, message, affected=names, evidence=evidence)


def _made_in_inference(scene: Scene, value: int) -> int:
    """The call that made an inference tensor; a view made outside still leads back to it."""
    for _ in range(VIEWS):
        call = scene.producer[value]
        if scene.trace.flags[call] & CallFlag.INFERENCE:
            return call
        came = [one for one in scene.inputs[call] if scene.trace.value(one).flags & ValueFlag.INFERENCE]
        if not came:
            return NONE
        value = came[0]
    return NONE


def _numpy_refused(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    site = scene.raised_site(raised)
    if site is None:
        return
    cause = at(
        Rule.NUMPY_ROUNDTRIP,
        site,
        "Where this is only printed or plotted, use `.detach().numpy()`; where it is trained, stay in torch.",
    )
    message = (
        "A tensor that requires grad is turned into a numpy array here. numpy records no graph, so "
        "torch refuses: "
        "what is computed from the array could never be trained."
    )
    yield run.finding(cause, Severity.ERROR, message)


def _nothing_to_scale(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """A GradScaler that found no gradient at all; where they went is told by other rules, at its step."""
    site = scene.raised_site(raised)
    if site is None:
        return
    if "prior to update" in raised.message:
        what = "No optimizer has stepped, and none was unscaled, since the last `update()`"
        fix = "Call `scaler.step(optimizer)` before every `scaler.update()`, and leave out both or neither."
    else:
        what = "Nothing that this optimizer holds has a gradient"
        fix = "Give the optimizer the tensors that the loss is computed from, and step after backward."
    message = f"{what}: the scaler has nothing to look at, and raises."
    yield run.finding(at(Rule.OTHER, site, fix), Severity.ERROR, message)


PATTERNS: tuple[tuple[str, Explains], ...] = (
    (r"does not require grad and does not have a grad_fn", untracked_loss.loss),
    (r"appears to not have been used in the graph", autograd_grad.unused),
    (r"One of the differentiated Tensors does not require grad", autograd_grad.untracked),
    (r"modified by an inplace operation", stale_save.version_error),
    (
        r"(backward through the graph a second time|have already been freed|backward a second time)",
        freed_graph.freed,
    ),
    *checkpoint.PATTERNS,
    *no_derivative.PATTERNS,
    (custom_function.ONCE, custom_function.differentiated),
    (custom_function.RETURNED, custom_function.returned),
    (anomaly.RETURNED_NAN, anomaly.returned_nan),
    (r"leaf Variable that requires grad", _leaf_inplace),
    (r"[Ii]nference tensor", _inference),
    (r"'(int|float|complex|bool|number|numpy\.\w+)' object has no attribute", not_a_tensor.number_loss),
    (r"\bNoneType\b", not_a_tensor.no_gradient_read),
    (r"No inf checks were recorded", _nothing_to_scale),
    (r"optimizer got an empty parameter list", empty_optimizer),
    (r"can't optimize a non-leaf Tensor", not_a_tensor.non_leaf_optimized),
    (r"Can't call numpy\(\) on Tensor that requires grad", _numpy_refused),
)
