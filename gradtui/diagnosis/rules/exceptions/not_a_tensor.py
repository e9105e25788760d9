"""Objects that are no tensor, or no leaf, where one was meant: a loss that is a number, a `.grad` that is
None."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from gradtui.diagnosis import causes
from gradtui.diagnosis.causes import at
from gradtui.diagnosis.explanations.taken_out import taken_out
from gradtui.diagnosis.quoting import THE_VALUE, code, spoken
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.scene import Scene, last_before
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Finding, Rule, Severity
from gradtui.model.source import Site
from gradtui.model.stops import Raised
from gradtui.model.torch_functions import NUMPY
from gradtui.model.trace import Kind


def number_loss(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """`'float' object has no attribute 'backward'`: where the tensor became a number."""
    site = scene.raised_site(raised)
    if site is None or "'backward'" not in raised.message:
        return
    name = run.words.receiver(site) or "the loss"
    kind = raised.subject.split(" ", 1)[0] or "number"
    made, what, sure, call = _origin(run, scene, raised, site, name)
    numpy = call != NONE and scene.name(call) in NUMPY
    cause = at(
        Rule.NUMPY_ROUNDTRIP if numpy else Rule.PYTHON_SCALAR,
        made,
        f"Keep `{name}` a tensor: leave `{'.numpy()' if numpy else '.item()'}` for printing."
        if call != NONE
        else "Return a zero that hangs on the model's output, such as `out.sum() * 0`, or skip this batch.",
        call=call,
        confidence=sure,
    )
    message = (
        f"`{name}` is {_which(raised, kind)} made here{what}, and a number has neither a graph nor a "
        "`backward`: nothing can be trained by it."
    )
    evidence = [Evidence(site.file, site.line, f"`{name}.backward()` is called on it")]
    yield run.finding(cause, Severity.ERROR, message, affected=[name], evidence=evidence)


def _origin(
    run: Run, scene: Scene, raised: Raised, site: Site, name: str
) -> tuple[Site, str, Confidence, int]:
    """Where the number was made: by identity, or from the text of the program."""
    if raised.call != NONE and scene.kind[raised.call] == Kind.ESCAPE:
        text = code(scene, raised.call)
        return scene.user_site(raised.call), f" by `{text}`", Confidence.EXACT, raised.call
    constant = _constant(run, scene, raised, site, name)
    if constant is not None:
        return constant, "", Confidence.LIKELY, NONE
    if "'float'" in raised.message or "'numpy." in raised.message:
        escape = next((i for i in range(len(scene.kind) - 1, -1, -1) if _number(scene, i)), NONE)
        if escape != NONE:
            return (
                scene.user_site(escape),
                f" by `{code(scene, escape)}`",
                Confidence.LIKELY,
                escape,
            )
    return site, "", Confidence.LIKELY, NONE


def _which(raised: Raised, kind: str) -> str:
    """What the loss is, and how it came to be, up to the place."""
    if "'numpy." in raised.message:
        return "made by numpy, of numbers that are"
    return f"the plain Python {kind} that is"


def _number(scene: Scene, call: int) -> bool:
    if scene.kind[call] != Kind.ESCAPE or scene.name(call) not in ("item", "tolist", "__float__", *NUMPY):
        return False
    return any(scene.grad[value] for value in scene.trace.inputs[call])


def _constant(run: Run, scene: Scene, raised: Raised, site: Site, name: str) -> Site | None:
    """The `return 0` or `loss = 0` that the number can only come from."""
    wanted = raised.subject.split(" ", 1)[-1]
    makers = run.words.makers(site, name)
    for maker in makers:
        if _is_number(run.words.expression(maker), wanted):
            return maker
    place = _place_in_tuple(run, site, name)
    returns = [one for file in _files(scene) for one in _returns(run, file, place, wanted)]
    return returns[0] if returns else None


def _files(scene: Scene) -> list[Site]:
    """One site of each of the user's files, the file that raised first."""
    found: dict[str, Site] = {}
    for site in scene.trace.sites:
        if site.user:
            found.setdefault(site.file, site)
    return list(found.values())


def _place_in_tuple(run: Run, site: Site, name: str) -> int:
    """Which of several returned values the name is bound to; NONE where there is only one."""
    file = run.words.file(site.file)
    for node in file.every(ast.Assign):
        if isinstance(node.targets[0], ast.Tuple):
            for number, element in enumerate(node.targets[0].elts):
                if file.source(element) == name:
                    return number
    return NONE


def _returns(run: Run, like: Site, place: int, wanted: str) -> list[Site]:
    file = run.words.file(like.file)
    found = []
    for node in file.every(ast.Return):
        if node.value is None:
            continue
        value: ast.expr = node.value
        if isinstance(value, ast.Tuple):
            if not 0 <= place < len(value.elts):
                continue
            value = value.elts[place]
        elif place != NONE:
            continue
        if _is_number(file.source(value), wanted):
            found.append(run.words.site(like, node))
    return found


def _is_number(text: str, wanted: str) -> bool:
    try:
        return float(text) == float(wanted)
    except ValueError:
        return False


def no_gradient_read(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """A `.grad` that was None where the program took it for a tensor: what the tensor was by then."""
    read = next((i for i in range(len(scene.kind) - 1, -1, -1) if scene.kind[i] == Kind.READ_GRAD), NONE)
    site = scene.raised_site(raised)
    if read == NONE or site is None or not len(scene.trace.inputs[read]):
        return
    value = scene.trace.inputs[read][0]
    place = scene.user_site(read)
    if place.file != site.file or abs(place.line - site.line) > 3:
        return
    name = run.words.receiver(place) or spoken(scene, value) or THE_VALUE
    if scene.leaf[value]:
        yield from _leaf_without(run, scene, value, read, name)
    else:
        yield from rebuilt(run, scene, value, place, name)


def rebuilt(run: Run, scene: Scene, value: int, place: Site, name: str) -> Iterator[Finding]:
    """The name means something else than the leaf that it meant: the line that bound it anew."""
    call = scene.producer[value]
    site = _binding(run, scene, value, place, name)
    became = "a result of other tensors" if scene.grad[value] else "a tensor that does not require grad"
    cause = at(
        Rule.REBUILT_LEAF,
        site,
        f"Prepare `{name}` first and call `.requires_grad_()` on what comes out last; update it in place, "
        "under `torch.no_grad()`.",
        call=call,
    )
    message = (
        f"`{name}` is {became} since this line, and no leaf any more: gradients are kept only for "
        "leaves that "
        f"require grad, so `{name}.grad` is None."
    )
    evidence = [Evidence(place.file, place.line, f"`{name}.grad` is read here and is None")]
    yield run.finding(cause, Severity.ERROR, message, affected=[name], evidence=evidence)


def _binding(run: Run, scene: Scene, value: int, place: Site, name: str) -> Site:
    """The statement that bound the name to this value: around the call that made it, or the leaf it came
    from."""
    call = scene.producer[value]
    made = scene.user_site(call)
    makers = run.words.makers(place, name)
    for maker in makers:
        if run.words.encloses(maker, made):
            return made
    flags = [i for i, kind in enumerate(scene.kind) if kind in (Kind.FLAG, Kind.PARAMETER) and i < call]
    for maker in makers:
        for flag in flags:
            if run.words.encloses(maker, scene.user_site(flag)):
                return maker
    if name in run.words.target(made):
        return made
    calls = [maker for maker in makers if "(" in run.words.expression(maker)]
    return calls[-1] if calls else made


def _leaf_without(run: Run, scene: Scene, value: int, read: int, name: str) -> Iterator[Finding]:
    """A leaf that requires grad, whose gradient was cleared, or that no backward has reached."""
    tensor = scene.tensor[value]
    backward = last_before(scene.backwards, read)
    cleared = [i for i in scene.clears if any(scene.tensor[v] == tensor for v in scene.trace.inputs[i])]
    if backward == NONE:
        return
    flow = run.flow(scene, list(scene.trace.inputs[backward]))
    clear = last_before(cleared, read)
    if tensor in flow.reached and clear > backward:
        cause = at(
            Rule.GRAD_CLEARED,
            scene.user_site(clear),
            f"Read `{name}.grad` before gradients are cleared.",
            call=clear,
        )
        message = f"The gradient of `{name}` is cleared here, before it is read, so `{name}.grad` is None."
        place = scene.user_site(read)
        evidence = [Evidence(place.file, place.line, f"`{name}.grad` is read here", read)]
        yield run.finding(cause, Severity.ERROR, message, affected=[name], evidence=evidence)
        return
    mask = flow.masks.get(tensor, 0)
    taken = taken_out(run, {tensor}) if not mask else {}
    if not mask and not taken:
        return
    cause = taken.get(tensor) or causes.of_cut(scene, flow, flow.choose(flow.below(mask), [value])[0])
    message = f"`{name}` gets no gradient from the backward before, so `{name}.grad` is None: {cause.what}."
    yield run.finding(cause, Severity.ERROR, message, affected=[name], tensors=[tensor])


def non_leaf_optimized(run: Run, scene: Scene, raised: Raised) -> Iterator[Finding]:
    """`can't optimize a non-leaf Tensor`: the line that made a result of what should be a leaf."""
    site = scene.raised_site(raised)
    if site is None:
        return
    value = raised.value
    if value == NONE:
        names = [name for name in run.words.names_in(site) if "optim" not in name]
        alive = [v for v, grad in enumerate(scene.grad) if grad and not scene.leaf[v]]
        for one in reversed(alive):
            if run.words.target(scene.user_site(scene.producer[one])) in names:
                value = one
                break
        else:
            value = alive[-1] if alive else NONE
    if value == NONE:
        return
    made = scene.user_site(scene.producer[value])
    name = run.words.target(made) or spoken(scene, value) or THE_VALUE
    cause = at(
        Rule.REBUILT_LEAF,
        made,
        f"Make the values of `{name}` first and call `.requires_grad_()` on them last.",
        call=scene.producer[value],
    )
    message = (
        f"`{name}` is the result of a computation here and no leaf, so no optimizer can hold it: the "
        "leaf is what "
        "it was computed from."
    )
    evidence = [Evidence(site.file, site.line, "the optimizer refuses it")]
    yield run.finding(cause, Severity.ERROR, message, affected=[name], evidence=evidence)
