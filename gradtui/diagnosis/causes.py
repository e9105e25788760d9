"""What a cut is an instance of: its rule, the place to name, and the sentences that tell it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import compress

from gradtui.diagnosis import modes, terms
from gradtui.diagnosis.definitions import backward_of
from gradtui.diagnosis.flow import Cut, Flow
from gradtui.diagnosis.quoting import THE_VALUE, argument, code, quoted, short, spoken
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.findings import Confidence, Evidence, Rule
from gradtui.model.owners import Role
from gradtui.model.source import Site
from gradtui.model.torch_functions import (
    DATA,
    DATA_SET,
    DETACHES,
    INTEGER_CASTS,
    NUMPY,
    PICKLED,
    SCALARS,
    is_checkpoint,
)
from gradtui.model.trace import CallFlag, Kind, ValueFlag

VIEWS = 4
"""Views of what is copied, between it and the copy: an index, a reshape."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a value has no graph, and where that came about."""

    rule: Rule
    site: Site
    what: str
    """What happened there: a clause that ends a sentence, `it is detached from its graph`."""
    fix: str
    call: int = NONE
    confidence: Confidence = Confidence.EXACT
    evidence: tuple[Evidence, ...] = ()
    region: tuple[Rule, str, int] | None = None
    """The block or decorator that cut off all that was computed in it: one cause, however many calls."""


def of_cut(scene: Scene, flow: Flow, cut: Cut) -> Cause:
    """The cause of a cut."""
    for recognise in (_in_function, _by_kind, _by_mode, _left_torch, _let_go, _by_function):
        cause = recognise(scene, flow, cut)
        if cause is not None:
            return cause
    return _unknown(scene, cut)


def as_well(scene: Scene, call: int) -> Evidence:
    """A later cut on the same way."""
    return scene.evidence(call, f"`{code(scene, call)}` would cut it off as well")


def at(
    rule: Rule, site: Site, fix: str, *, call: int = NONE, confidence: Confidence = Confidence.EXACT
) -> Cause:
    """A cause that a rule has found by itself, whose sentence the rule writes."""
    return Cause(rule, site, "", fix, call, confidence)


# one recogniser for each way of losing a graph; the first that knows it names it


def _in_function(scene: Scene, _flow: Flow, cut: Cut) -> Cause | None:
    """A parameter that is used inside a custom Function, whose output takes no gradient back to it."""
    outer = scene.around.get(cut.call)
    # A checkpoint is no Function any more where it is told as backward will build it.
    if outer is None and (
        scene.kind[cut.call] == Kind.FUNCTION or is_checkpoint(scene.call(cut.call).function)
    ):
        outer = cut.call
    if outer is None or (not scene.grad_mode(outer) and scene.kind[outer] == Kind.FUNCTION):
        return None
    name = scene.call(outer).function
    if is_checkpoint(name):
        return _checkpoint(scene, outer)
    if cut.call == outer and scene.floating[cut.made]:
        return Cause(
            Rule.CUSTOM_FUNCTION,
            scene.user_site(outer),
            f"the custom Function in `{code(scene, outer)}` gives a result that is marked as not "
            "differentiable, so its backward is never run",
            "Leave out `ctx.mark_non_differentiable` for what its `backward` has a gradient for.",
            outer,
        )
    return Cause(
        Rule.CUSTOM_FUNCTION,
        scene.user_site(outer),
        f"the custom Function in `{code(scene, outer)}` is given no such input that requires grad, so its "
        "backward sends nothing there",
        "Pass every tensor that should learn as an argument of `apply`, undetached, and return its gradient "
        "from `backward`.",
        outer,
    )


def of_backward(scene: Scene, call: int, value: int) -> Cause:
    """A custom Function whose backward gives nothing for a value that it was given."""
    site = scene.user_site(call)
    given = scene.words.arguments(site)
    inputs = list(scene.inputs[call])
    which = f"`{given[inputs.index(value)]}`" if len(given) == len(inputs) else "that input"
    return Cause(
        Rule.CUSTOM_FUNCTION,
        site,
        f"the backward of the custom Function in `{code(scene, call)}` returns no gradient for {which}",
        "Return the gradient of every input that should learn from `backward`, in the order of "
        "`forward`'s arguments.",
        call,
        evidence=tuple(backward_of(scene.words, site)),
    )


def _checkpoint(scene: Scene, call: int) -> Cause:
    if any(scene.grad[made] for made in scene.outputs[call]):
        what = (
            "a reentrant checkpoint gives a graph to those tensors alone that its block returns by "
            "themselves or in a tuple, and not to what lies in a dict or a list"
        )
        instead = "let the block return the tensors themselves"
    else:
        what = (
            "a reentrant checkpoint runs its block without a graph and rebuilds it in backward only if "
            "one of the block's inputs requires grad, and none does"
        )
        instead = "let the block's input require grad"
    site = scene.user_site(call)
    # Many libraries have a Function of this name and kind of their own, which knows no such option.
    other = "Use torch's own in its place," if scene.words.call_name(site) == "apply" else "Call"
    fix = f"{other} `checkpoint(..., use_reentrant=False)`, or {instead}."
    return Cause(Rule.CHECKPOINT, site, what, fix, call)


def _by_kind(scene: Scene, flow: Flow, cut: Cut) -> Cause | None:
    cut = _until_copied(scene, flow, cut)
    kind, site = scene.kind[cut.call], scene.user_site(cut.call)
    if kind == Kind.GRAD:
        return Cause(
            Rule.GRAPH_NOT_CREATED,
            site,
            "`autograd.grad` gives its gradients without a graph unless it is told `create_graph=True`",
            f"Add `create_graph=True` to `{code(scene, cut.call)}`.",
            cut.call,
        )
    copies = scene.leaf[cut.made] and scene.name(cut.call) in ("__deepcopy__", "deepcopy")
    if kind == Kind.PARAMETER or copies or scene.words.call_name(site) == "deepcopy":
        return Cause(
            Rule.REBUILT_LEAF,
            site,
            f"`{code(scene, cut.call)}` makes a new leaf of its values, which knows nothing of how they "
            "were computed",
            "Compute with the original's parameters; with changed values of theirs by "
            "`torch.func.functional_call`."
            if scene.words.call_name(site) == "deepcopy"
            else "Use the tensor itself here, as a plain attribute or a buffer, and no new Parameter.",
            cut.call,
        )
    owned = scene.tensor[cut.made] in scene.parameters
    if scene.call(cut.call).function == DATA_SET:
        given = scene.words.target(site) or "the tensor"
        if owned:
            fix = "Use the computed tensor itself, for example with `torch.func.functional_call`."
        elif scene.kind[scene.producer[cut.value]] == Kind.WRITE:  # as by `x.data -= y`
            fix = f"Compute a new `{given.removesuffix('.data')}` out of place, without `.data`."
        else:
            fix = f"Use {quoted(spoken(scene, cut.value))} itself in its place."
        rule = Rule.VALUES_COPIED if owned else Rule.DATA_ATTR
        return Cause(rule, site, f"`{given}` is given values alone here, without their graph", fix, cut.call)
    target = _written(scene, cut) if kind == Kind.WRITE and not scene.grad_mode(cut.call) else ""
    if target:
        value = spoken(scene, cut.value)
        copied = f"`{value}` is" if value else f"what `{code(scene, cut.call)}` is given is"
        buffer = not owned or scene.parameters[scene.tensor[cut.made]].role is Role.BUFFER
        called = "" if buffer else ", for example by `torch.func.functional_call`"
        return Cause(
            Rule.VALUES_COPIED,
            site,
            f"{copied} copied into `{target}` as values alone, without its graph",
            f"Use {quoted(value)} itself in place of `{target}` on the way to the loss{called}.",
            cut.call,
        )
    return None


def _until_copied(scene: Scene, flow: Flow, cut: Cut) -> Cut:
    """The copy that a cut only serves, in the same statement: `weight.copy_(made[:n].view_as(weight))`."""
    value, here = cut.made, scene.site(cut.call)
    for _ in range(VIEWS):
        if scene.grad_mode(cut.call) or not scene.trace.value_flags[value] & ValueFlag.VIEW:
            return cut
        users = [
            call for call in flow.consumers.of(value) if scene.words.same_statement(scene.site(call), here)
        ]
        if len(users) != 1 or len(flow.made_by(users[0])) != 1:
            return cut
        call, (made,) = users[0], flow.made_by(users[0])
        if scene.kind[call] == Kind.WRITE:
            return replace(cut, call=call, made=made, returned=call)
        value = made
    return cut


def _by_mode(scene: Scene, flow: Flow, cut: Cut) -> Cause | None:
    call = cut.call
    if scene.grad_mode(call):
        return _autocast_cache(scene, cut)
    if scene.kind[call] == Kind.ESCAPE or scene.name(call) in DETACHES | DATA:
        return None
    rebuilt = _rebound(scene, cut) or _replaced(scene, flow, cut)
    return rebuilt or of_mode(scene, call)


def of_mode(scene: Scene, call: int) -> Cause:
    """The block, decorator or switch under which a call was made without a graph."""
    place = modes.place(scene, call)
    inference = bool(scene.trace.flags[call] & CallFlag.INFERENCE)
    rule = place.rule if not inference else Rule.INFERENCE_MODE
    steps = tuple(Evidence(site.file, site.line, what) for site, what in place.evidence)
    around = place.region
    if place.yields:
        mode = scene.words.expression(place.site)
        what = (
            f"`{_inside(scene, call, place)}` is computed while a generator waits inside `{short(mode)}`: "
            "until it goes on, gradients are off for everybody"
        )
        fix = "Let the block end before the `yield`, so that only what the generator computes is in it."
    elif rule is Rule.GRAD_MODE_OFF and around is not None and around != place.site:
        mode = scene.words.expression(around)
        what = f"`{_inside(scene, call, place)}` is computed under `{short(mode)}`, which had gradients off"
        fix = f"See what `{short(mode)}` was given here, or compute it outside of the block."
    elif rule is Rule.GRAD_MODE_OFF:
        what = "gradients were switched off there and never on again, so that nothing after it has a graph"
        fix = "Use `with torch.set_grad_enabled(...)` or `with torch.no_grad():`, which put the mode back."
    elif rule is Rule.INFERENCE_MODE:
        what = (
            f"`{code(scene, call)}` is computed in inference mode, whose tensors can never take "
            "part in a graph"
        )
        fix = "Compute it outside `inference_mode`; where it should stay constant, use `torch.no_grad()`."
    elif place.region is None and scene.words.call_name(scene.user_site(call)) == "sample":
        what = f"`{code(scene, call)}` draws under `no_grad`, as `sample` always does"
        fix = "Use `.rsample()` where the distribution has it; otherwise train with `.log_prob(...)`."
        steps = ()
    else:
        what = f"`{_inside(scene, call, place)}` is computed under `no_grad`, which keeps no graph"
        fix = "Compute it outside the `no_grad` region, or call the part that does the work without it."
    region = (rule, around.file, around.line) if around else None
    return Cause(rule, place.site, what, fix, call, evidence=steps, region=region)


def _inside(scene: Scene, call: int, place: modes.Place) -> str:
    """Of a block the line inside of it is named, which may be a long way from where torch was called."""
    words = "" if place.site == place.region else scene.words.expression(place.site)
    if words.startswith(("with ", "for ")):  # a generator that was left inside of it
        words = ""
    return short(words) if words else code(scene, call)


def _rebound(scene: Scene, cut: Cut) -> Cause | None:
    """`w = w - lr * w.grad` under no_grad: the name now means a new tensor that is no leaf of anything.

    So it does in a container, `params[name] = p - lr * p.grad`, whatever the old one is called there.
    """
    site = scene.site(cut.call)
    name = scene.words.target(site)
    if not scene.leaf[cut.value] or not name or scene.kind[cut.call] != Kind.OP:
        return None
    read = scene.words.names_in(site)
    old = next((one for one in read if f"{one}.grad" in scene.words.line(site.file, site.line)), "")
    if name != old and not ("[" in name and f"{old}.grad" in read):
        return None
    return Cause(
        Rule.REBUILT_LEAF,
        site,
        f"`{name}` is bound to a new tensor here, one that does not require grad, in place of the "
        "leaf it was",
        f"Update it in place under `torch.no_grad()`: `{old} -= ...` or `{old}.copy_(...)`.",
        cut.call,
    )


def _replaced(scene: Scene, flow: Flow, cut: Cut) -> Cause | None:
    """`self.scale = limited(self.scale)` under no_grad: what a leaf was kept as is a tensor now that no
    optimizer has."""
    if not scene.leaf[cut.value] or scene.kind[cut.call] != Kind.OP:
        return None
    read = [name for name in scene.words.names_in(scene.site(cut.call)) if name.startswith("self.")]
    makers = scene.words.makers(scene.site(cut.call), read[0]) if len(read) == 1 else []
    if not makers:
        return None
    made = [scene.producer[value] for value in flow.constant(cut.made)[0]]
    places = ((call, site) for call in made for site in (scene.site(call), *scene.call(call).stack))
    for call, site in places:
        bound = [one for one in makers if scene.words.encloses(one, site)]
        if bound:
            return Cause(
                Rule.REBUILT_LEAF,
                bound[0],
                f"`{read[0]}` is bound to a new tensor here, which is computed under `no_grad` and doesn't "
                "require grad, in place of the leaf it was",
                f"Write the values into the leaf under `torch.no_grad()`, by `{read[0]}.copy_(...)`, or give "
                "the optimizer the new tensor once it requires grad.",
                call,
            )
    return None


def _autocast_cache(scene: Scene, cut: Cut) -> Cause | None:
    """A weight whose cast was cached by autocast while gradients were off, and is used without a graph
    since."""
    if not scene.trace.flags[cut.call] & CallFlag.AUTOCAST or not scene.leaf[cut.value]:
        return None
    tensor = scene.tensor[cut.value]
    for call in range(cut.call):
        flags = scene.trace.flags[call]
        cached = flags & CallFlag.AUTOCAST and not flags & CallFlag.GRAD
        if cached and any(scene.tensor[value] == tensor for value in scene.inputs[call]):
            return of_mode(scene, call)
    return None


def _left_torch(scene: Scene, flow: Flow, cut: Cut) -> Cause | None:
    if scene.kind[cut.call] == Kind.ESCAPE:
        return _conversion(scene, cut, cut.call)
    if scene.kind[cut.call] == Kind.REENTRY:
        rule, does, fix = (
            Rule.TENSOR_CTOR,
            "builds a new tensor from values alone, and a new tensor has no history",
            "Use `torch.stack` or `torch.cat` for tensors in a list, and the tensor itself otherwise.",
        )
        if scene.leaf[cut.made] and _is_term(scene, flow, cut.made):
            rule, does, fix = (
                Rule.FRESH_LEAF_LOSS,
                "makes a new leaf of a loss, which has its value and no history",
                "Take the loss itself, which requires grad already where it was computed from what learns.",
            )
        site = scene.user_site(cut.call)
        return Cause(rule, site, f"`{code(scene, cut.call)}` {does}", fix, cut.call)
    return None


def _is_term(scene: Scene, flow: Flow, value: int) -> bool:
    """Whether a loss is a sum that a value is added to."""
    return any(
        term.value == value
        for root in flow.roots
        for term in terms.of(scene, root, lambda one: bool(scene.grad[one]))
    )


def _conversion(scene: Scene, cut: Cut, escape: int) -> Cause:
    site = scene.user_site(escape)
    sure = Confidence.LIKELY if cut.likely else Confidence.EXACT
    back = (
        () if cut.returned == cut.call else (scene.evidence(cut.returned, _came_back(scene, cut.returned)),)
    )
    built = scene.words.call_name(site)
    if built in ("tensor", "as_tensor") or built.endswith("Tensor"):
        return Cause(
            Rule.TENSOR_CTOR,
            site,
            f"`{built}(...)` takes the numbers out of the tensors it is given, and a tensor made of "
            "numbers has "
            "no history",
            "Use `torch.stack` for tensors in a list, and the tensor itself otherwise.",
            escape,
            sure,
        )
    if scene.call(escape).function == PICKLED:
        return Cause(
            Rule.REBUILT_LEAF,
            site,
            f"`{code(scene, escape)}` keeps the values of a tensor alone, and of them a new leaf is made",
            "Take the tensor itself into the loss, or compute it anew: a graph can't be saved.",
            escape,
            sure,
            back,
        )
    if scene.name(escape) in NUMPY or site_calls_numpy(built):
        return Cause(
            Rule.NUMPY_ROUNDTRIP,
            site,
            f"`{code(scene, escape)}` leaves torch for numpy, which records no graph",
            "Do this part with torch functions, and keep `.numpy()` for what is only printed or plotted.",
            escape,
            sure,
            back,
        )
    fix = "Keep the tensor in what is trained, and use the number only to print it."
    if built and scene.words.receiver(site) == "math":
        fix = f"Use `torch.{built}`, which gives a tensor, in place of `math.{built}`."
    return Cause(
        Rule.PYTHON_SCALAR,
        site,
        f"`{code(scene, escape)}` makes a plain Python number of a tensor, and a number has no graph",
        fix,
        escape,
        sure,
        back,
    )


def site_calls_numpy(name: str) -> bool:
    return name in ("array", "asarray", "asanyarray", "ascontiguousarray")


def _written(scene: Scene, cut: Cut) -> str:
    """The name of what a module keeps and a copy writes to, or to a part of; empty where none keeps it."""
    if scene.tensor[cut.made] in scene.parameters:
        return scene.owners.called(scene.tensor[cut.made])
    if scene.name(cut.call) != "copy_":
        return ""
    storage = scene.trace.storage[cut.made]
    whole = (value for value in compress(range(len(scene.tensor)), map(storage.__eq__, scene.trace.storage)))
    names = (scene.owner_name(scene.tensor[one]) for one in whole if scene.tensor[one] in scene.parameters)
    return next(filter(None, names), "")


def _came_back(scene: Scene, call: int) -> str:
    return f"the values come back in `{code(scene, call)}`"


def _let_go(scene: Scene, flow: Flow, cut: Cut) -> Cause | None:
    name = scene.name(cut.call)
    if name not in DETACHES | DATA:
        return None
    serves = _served(scene, flow, cut)
    if serves is not None:
        return serves
    site, given = scene.user_site(cut.call), quoted(argument(scene, cut))
    if scene.words.call_name(site) == "state_dict":
        return _of_state(scene, flow, cut)
    if name in DATA and ".data" not in scene.words.expression(site):
        filled = (made for call in flow.consumers.of(cut.made) for made in scene.outputs[call])
        return Cause(
            Rule.VALUES_COPIED
            if any(scene.tensor[made] in scene.parameters for made in filled)
            else Rule.DATA_ATTR,
            site,
            f"`{code(scene, cut.call)}` copies values by way of `.data`, without their graph",
            "Compute with the tensor itself, for example with `torch.func.functional_call`: a copy has its "
            "values alone.",
            cut.call,
        )
    if name in DATA:
        return Cause(
            Rule.DATA_ATTR,
            site,
            f"`.data` gives the values of {given} without its graph",
            f"Use {given} itself, without `.data`.",
            cut.call,
        )
    return Cause(
        Rule.DETACH,
        site,
        f"`{code(scene, cut.call)}` detaches {given} from its graph",
        f"Leave out `.detach()` here and use {given} itself.",
        cut.call,
    )


def _of_state(scene: Scene, flow: Flow, cut: Cut) -> Cause:
    """Values of a `state_dict`, which are detached: for another module's leaves, or used as they are."""
    given = argument(scene, cut)
    loads = [
        call
        for call in flow.consumers.of(cut.made)
        if scene.kind[call] == Kind.WRITE and scene.leaf[scene.outputs[call][0]]
    ]
    if loads:
        return Cause(
            Rule.VALUES_COPIED,
            scene.user_site(loads[0]),
            f"`{code(scene, loads[0])}` copies the values of {quoted(given)} into parameters of another "
            "module, and leaves their graph behind",
            f"Compute with the parameters of {quoted(given)}, by `torch.func.functional_call`: what is "
            "loaded has their values alone.",
            loads[0],
        )
    return Cause(
        Rule.DETACH,
        scene.user_site(cut.call),
        f"`{code(scene, cut.call)}` gives the values of {quoted(given)} without their graph",
        f"Use `dict({given or THE_VALUE}.named_parameters())`, and of buffers `named_buffers()`.",
        cut.call,
    )


def _served(scene: Scene, flow: Flow, cut: Cut) -> Cause | None:
    """A detach that only serves a conversion, or the call of a custom Function, in the same expression."""
    inner = scene.site(cut.call)
    for call, made in _uses(scene, flow, cut):
        outer = scene.site(call)
        if not scene.words.encloses(outer, inner):
            continue
        if scene.kind[call] == Kind.ESCAPE:
            return _conversion(
                scene, Cut(cut.call, cut.value, made, _returned(scene, call), _guessed(scene, call)), call
            )
        if scene.kind[call] == Kind.FUNCTION:
            return Cause(
                Rule.CUSTOM_FUNCTION,
                scene.user_site(call),
                f"the custom Function in `{code(scene, call)}` is given {quoted(argument(scene, cut))} "
                "detached, so its backward is never asked for that gradient",
                f"Pass {quoted(argument(scene, cut))} undetached, and let `backward` return its gradient.",
                call,
            )
    return None


def _uses(scene: Scene, flow: Flow, cut: Cut) -> Iterator[tuple[int, int]]:
    """Calls that took what a cut gave: on, over values without a graph, as long as they lie in one
    expression."""
    pending, seen = [cut.made], {cut.made}
    while pending:
        value = pending.pop()
        for call in scene.leaving.get(value, ()):
            yield call, value
        for call in flow.consumers.of(value):
            if scene.kind[call] == Kind.FUNCTION:
                yield call, value
            elif scene.words.encloses(scene.site(call), scene.site(cut.call)):
                fresh = [made for made in scene.outputs[call] if made not in seen and not scene.grad[made]]
                seen.update(fresh)
                pending.extend(fresh)
    for value in seen:
        for call in scene.leaving.get(value, ()):
            yield call, value


def _returned(scene: Scene, escape: int) -> int:
    """The call that the numbers of an escape went into."""
    found = [*scene.escaped.items(), *scene.guessed.items()]
    return next((target for target, came in found if any(source == escape for _, source in came)), escape)


def _guessed(scene: Scene, escape: int) -> bool:
    proved = {source for came in scene.escaped.values() for _, source in came}
    return escape not in proved or any(source == escape for source, _ in scene.likely)


def _by_function(scene: Scene, _flow: Flow, cut: Cut) -> Cause | None:
    name, site = scene.name(cut.call), scene.user_site(cut.call)
    floating = scene.trace.value(cut.made).floating
    if not floating and name in INTEGER_CASTS | SCALARS:
        return Cause(
            Rule.INTEGER_CAST,
            site,
            f"`{code(scene, cut.call)}` makes whole numbers of its values, and whole numbers have no "
            "gradient",
            "Keep it floating in what is trained; cast a copy where whole numbers are needed.",
            cut.call,
        )
    if scene.call(cut.call).function.startswith("torch.distributed."):
        return Cause(
            Rule.NONDIFFERENTIABLE_OP,
            site,
            f"`{code(scene, cut.call)}` fills tensors with the values of all processes, and with no graph",
            "Put this process's own tensor in its place again, `gathered[rank] = x`, or use the function of "
            f"`torch.distributed.nn.functional` that is called `{name}`.",
            cut.call,
        )
    return Cause(
        Rule.NONDIFFERENTIABLE_OP,
        site,
        f"`{code(scene, cut.call)}` has no gradient: its result jumps from value to value, or only says "
        "which one it is",
        _smooth(name),
        cut.call,
    )


def _smooth(name: str) -> str:
    """A replacement that has a gradient."""
    bare = name.strip("_")
    if bare in ("argmax", "argmin", "argsort", "topk", "max", "min", "sort", "multinomial", "one_hot"):
        return "Train on the scores themselves, by softmax for instance, and keep indices for metrics."
    if bare in ("gt", "ge", "lt", "le", "eq", "ne", "heaviside", "sign"):
        return "Use something smooth in place of the threshold: `torch.sigmoid(k * (x - threshold))`."
    return "Use a function that has a gradient, or a straight-through estimator, on the way to the loss."


def _unknown(scene: Scene, cut: Cut) -> Cause:
    return Cause(
        Rule.OTHER,
        scene.user_site(cut.call),
        f"`{code(scene, cut.call)}` gives a result without a graph",
        "Look at what this call gives back: it does not require grad.",
        cut.call,
        Confidence.LIKELY,
    )
