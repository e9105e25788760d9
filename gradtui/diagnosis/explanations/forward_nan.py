"""Where the first number came from that isn't finite, in a forward pass, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import isnan

from gradtui.diagnosis.causes import at
from gradtui.diagnosis.nonfinite import AVERAGES, FILLERS, HALF, MASKED_SOFTMAXES, SPREADS, Origin, origin
from gradtui.diagnosis.quoting import code, quoted, spoken
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene
from gradtui.diagnosis.sentences import get, listed
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.forward import Health
from gradtui.model.gradients import Death, GradHealth
from gradtui.model.owners import GradState
from gradtui.model.stops import Raised, Stop, StopKind
from gradtui.model.torch_functions import QUOTIENTS, RAISINGS
from gradtui.model.trace import Kind

ABOVE_ZERO = "Keep its argument above zero, `.clamp(min=1e-8)`"
DIVISOR = "Keep what it divides by away from zero, `.clamp(min=1e-8)`, or leave it out where that is 0."
EMPTY = "Leave it out where there is nothing to take a mean of: `if mask.any():`."
EXPONENT = "Keep its argument small, `.clamp(max=...)`, or stay in logarithms: `log_softmax`, `logsumexp`."
OPEN = "Leave one place of each row open, or put a large negative number such as -1e9 in the place of -inf."
IGNORED = "Leave out a batch in which every target is ignored: the mean over none is 0 / 0."
SPREAD = "Leave out a batch of one, as by `drop_last=True`, or set `correction=0`."
RANGE = "Keep its argument between -1 and 1: `.clamp(-1, 1)`."
ADVICE = {
    **dict.fromkeys(("log", "log2", "log10", "log_"), f"{ABOVE_ZERO}, or compute in logarithms all along."),
    "log1p": "Keep its argument above -1, `.clamp(min=-1 + 1e-6)`.",
    **dict.fromkeys(("sqrt", "sqrt_", "rsqrt", "reciprocal", *RAISINGS), f"{ABOVE_ZERO}."),
    **dict.fromkeys(QUOTIENTS, DIVISOR),
    **dict.fromkeys(("exp", "exp_", "expm1", "exp2", "cosh", "sinh"), EXPONENT),
    **dict.fromkeys(MASKED_SOFTMAXES, OPEN),
    **dict.fromkeys(("acos", "asin", "arccos", "arcsin"), RANGE),
    **dict.fromkeys(("mean", "mse_loss", "l1_loss", "smooth_l1_loss", "median"), EMPTY),
    **dict.fromkeys(("cross_entropy", "nll_loss"), IGNORED),
    **dict.fromkeys(("std", "var", "std_mean", "var_mean"), SPREAD),
}
"""What to do about a function that made of finite numbers what isn't."""
IN_GRAD = (
    "Look among what it goes back through for a derivative that is infinite, such as that of a root or a "
    "norm at 0: `--check` names it."
)
TOO_LARGE = "Look at what it is given: numbers that grow this large are kept small by a lower learning rate."
LARGE = "Put a large number, such as 1e9 or -1e9, in the place of the infinite one, or leave it out before."
WHAT = {Health.NAN: "NaN", Health.INF: "an infinite value", None: "an infinite value or NaN"}
WATCHED = (
    "Run it again in the screen with the break `nan` (`B`, then `R`): backward is then held behind the very "
    "operation that makes the first one."
)
"""What to do where nobody watched the backward that made it."""
UNFILLED = "Fill it before it is used, as with `nn.init.normal_`: fresh memory may hold anything."
DATA = "Look for it in the data: leave such rows out, or fill them in, before they come here."


@dataclass(frozen=True, slots=True)
class Born:
    """Where the first number came from that isn't finite."""

    scene: Scene
    stop: Stop
    """The backward of a loss that isn't; or where the program ended because of one."""
    origin: Origin


def first_born(run: Run) -> Born | None:
    """Of the first backward of such a loss; of later ones the parameters may be no numbers themselves."""
    for scene in run.scenes:
        stops = {(one.kind, one.index): one for one in (*scene.snapshot.stops, scene.snapshot.stop)}
        for forward in scene.snapshot.forwards:
            stop = stops.get((forward.kind, forward.index))
            if stop is None or _is_spoilt(run, stop):
                continue
            found = origin(scene, forward)
            if found is not None and scene.kind[found.call] != Kind.STEP:
                return Born(scene, stop, found)
    return None


def _is_spoilt(run: Run, stop: Stop) -> bool:
    """Whether a step had written NaN before: no call since is to blame then."""
    if stop.kind is StopKind.BACKWARD:
        return run.blameless(stop.index)
    return bool(run.history.broken)


def explained(run: Run) -> int:
    """The first backward of which it is told here why its gradients are no numbers; 0 where there is none."""
    born = run.once(first_born)
    return born.stop.index if born and born.stop.kind is StopKind.BACKWARD and run.once(findings) else 0


def raised(run: Run, scene: Scene, error: Raised) -> Iterator[Finding]:
    """Of an exception that is about a number that isn't finite: where that came from."""
    born = run.once(first_born)
    if (
        born is not None
        and born.scene is scene
        and (error.in_backward or born.stop.kind is StopKind.EXCEPTION)
    ):
        first = (error.message.strip().splitlines() or [""])[0].rstrip(".:")
        said = f"{error.type}: {first}" if first else error.type
        yield _finding(run, born, f": the program ended with {said}.")


def masked(run: Run, scene: Scene, death: Death, tensors: Sequence[int]) -> Finding | None:
    """Of a node that made NaN of a finite gradient because it was given NaN: where that came from, though no
    loss shows it."""
    stops = {(one.kind, one.index): one for one in (*scene.snapshot.stops, scene.snapshot.stop)}
    stop = stops.get((StopKind.BACKWARD, death.backward))
    looks = (one for one in scene.snapshot.forwards if one.root == NONE and one.index == death.backward)
    look = next(looks, None)
    if stop is None or look is None or death.call == NONE:
        return None
    nan = {value for value, health in zip(look.value, look.health, strict=True) if health == Health.NAN}
    for value in scene.sources[death.call]:
        found = origin(scene, replace(look, root=value)) if value in nan else None
        if found is not None and scene.kind[found.call] != Kind.STEP:
            names = [run.owners.called(tensor) for tensor in tensors]
            hidden = ", and `where` or a mask behind it hides that from the loss, not from gradients. "
            told = hidden + run.then(names)
            return _finding(run, Born(scene, stop, found), told, tensors)
    return None


def findings(run: Run) -> list[Finding]:
    """What there is to tell of it where no exception tells it; to be asked by `run.once`."""
    born = run.once(first_born)
    if born is None or born.stop.kind is StopKind.EXCEPTION:
        return []
    if born.stop.kind is StopKind.END:
        return [_finding(run, born, ", and the program has ended itself as one that failed.")]
    stop, broken, zero = born.stop, sorted(run.history.broken), _zero(run, born.stop)
    if broken and _is_opened(born):
        return []
    told = f": the loss of backward {stop.index} is {_loss(born)}"
    if broken:
        names = [run.owners.called(tensor) for tensor in broken]
        return [_finding(run, born, f"{told}, and so are its gradients. {run.then(names)}", broken)]
    if zero:
        names = [run.owners.called(tensor) for tensor in zero]
        return [_finding(run, born, f"{told}, and {listed(names)} {get(names)} only zeros.", zero)]
    # A GradScaler, or the program itself, may leave such a step out: then nothing has come of it.
    if run.scaled or run.guarded or HALF in born.scene.trace.dtypes:
        return []
    held = born.scene.snapshot.stop
    if (held.kind, held.index) == (stop.kind, stop.index):  # the losses are no equal numbers
        return [_finding(run, born, f"{told}.")]
    if _loss(born) == "NaN" and any(judgement.stop == stop.index for judgement in run.history.judgements):
        told += ", though its gradients are finite."
        return [_finding(run, born, told, severity=Severity.WARNING)]
    return []


def _is_opened(born: Born) -> bool:
    """Whether it came of an `autograd.grad`, and it is known which operation in that made it."""
    scene, call = born.scene, born.origin.call
    deaths = (one for one in scene.snapshot.deaths if one.state is GradHealth.NAN and NONE < one.call < call)
    return scene.kind[call] == Kind.GRAD and any(one.backward < born.stop.index for one in deaths)


def _finding(
    run: Run, born: Born, told: str, tensors: Sequence[int] = (), *, severity: Severity = Severity.ERROR
) -> Finding:
    scene, found = born.scene, born.origin
    begin, evidence = _told(scene, found)
    cause = at(
        Rule.NAN_GRADIENT,
        scene.user_site(found.call),
        _advice(scene, found),
        call=found.call,
        confidence=Confidence.EXACT if found.sure else Confidence.LIKELY,
    )
    names = [run.owners.name(tensor) for tensor in tensors]
    stop = born.stop.index if born.stop.kind is StopKind.BACKWARD else run.backwards
    found_here = run.finding(
        cause,
        severity,
        begin + told,
        affected=[name for name in names if name],
        tensors=tensors,
        evidence=evidence,
        stop=stop,
    )
    return replace(found_here, in_forward=True)


def _zero(run: Run, stop: Stop) -> list[int]:
    """Tensors that have got only zeros since this backward."""
    lost = (one for one in run.history.lost if one.state is GradState.ZERO)
    return sorted(one.tensor for one in lost if one.stop == stop.index)


def _loss(born: Born) -> str:
    loss, found = born.stop.loss, born.origin
    if loss is None:
        return "infinite" if found.health is Health.INF and found.spread == NONE else "NaN"
    return "NaN" if isnan(loss) else "infinite"


def _told(scene: Scene, found: Origin) -> tuple[str, list[Evidence]]:
    """The beginning of the sentence, up to the loss."""
    text = code(scene, found.call)
    what = WHAT[found.health]
    if found.came:
        return f"{_comer(scene, found.call)} holds {what} when it comes in here", []
    if found.meant != NONE:
        evidence = [scene.evidence(found.meant, "infinite values are put in here")]
        return f"`{text}` was given infinite values and makes {what} of them", evidence
    if found.spread not in (NONE, found.call):
        then = code(scene, found.spread)
        evidence = [scene.evidence(found.spread, f"`{then}` makes NaN of it")]
        return f"`{text}` {_gives(scene, found.call)} {what}, of which `{then}` makes NaN", evidence
    return f"`{text}` {_gives(scene, found.call)} {what}", []


def _gives(scene: Scene, call: int) -> str:
    if _puts_in(scene, call):
        return "gets"
    return "was given finite numbers and gives" if scene.trace.inputs[call] else "gives"


def _puts_in(scene: Scene, call: int) -> bool:
    """Whether a call has put something in that was no tensor."""
    return scene.kind[call] == Kind.WRITE and scene.name(call) in FILLERS


def _comer(scene: Scene, call: int) -> str:
    made = scene.outputs[call]
    return quoted(spoken(scene, made[0]) if made else code(scene, call))


def _advice(scene: Scene, found: Origin) -> str:
    name = scene.name(found.call)
    if scene.kind[found.call] == Kind.PARAMETER:
        return UNFILLED
    if scene.kind[found.call] == Kind.GRAD:
        return IN_GRAD
    if found.came or _puts_in(scene, found.call) or not scene.trace.inputs[found.call]:
        return DATA
    if found.meant != NONE and name not in MASKED_SOFTMAXES:
        return LARGE
    if found.health is Health.INF and name in (*AVERAGES, *SPREADS):
        return TOO_LARGE  # there was something to average
    return ADVICE.get(name, TOO_LARGE)
