"""Why an operation sends on zeros or what is no number, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection
from math import prod

from gradtui.diagnosis.history import Lost
from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.gradients import Death
from gradtui.model.torch_functions import SCALINGS, SOFTMAXES, STACKS

JUMPS = frozenset(
    ["round", "floor", "ceil", "trunc", "sign", "sgn", "heaviside", "floor_divide", "fix", "rint"]
)
"""Flat all along, but for where they jump."""
FLAT = JUMPS | {"frac", "remainder", "fmod"}
RECTIFIERS = frozenset([
    "relu", "relu_", "relu6", "hardtanh", "threshold", "leaky_relu", "clamp", "clamp_min", "clamp_max",
    "clip", "clamp_",
])  # fmt: skip
PRODUCTS = frozenset([
    "linear", "matmul", "__matmul__", "mm", "bmm", "addmm", "baddbmm", "mv", "dot", "bilinear", "einsum",
    "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d",
])  # fmt: skip
SUMMED = frozenset({"linear", "addmm", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d"})
"""Functions that add a bias, whose gradient is the sum of all that they are handed."""
DRAWS = frozenset(["normal", "bernoulli", "bernoulli_", "poisson", "multinomial"])
DROPOUTS = frozenset(["dropout", "dropout_", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout"])
SATURATING = frozenset(["sigmoid", "sigmoid_", "expit", "tanh", "tanh_", "erf"])
"""Of large arguments they are constant, as far as their type can tell."""
CLASS_SOFTMAXES = SOFTMAXES | {"cross_entropy"}
"""What shares out a probability of 1 among classes."""


def _straight_through(name: str) -> str:
    """What to do about a staircase, or a draw."""
    if name == "normal":
        return "Draw first and compute then: `mean + std * torch.randn_like(std)`, or `.rsample()`."
    if name in DRAWS:
        return (
            "Use a draw that is differentiable, such as `RelaxedBernoulli(...).rsample()`, or pass the "
            "gradient straight through: `p + (drawn - p).detach()`."
        )
    return f"Use a straight-through estimator in training: `x + (torch.{name}(x) - x).detach()`."


def why_flat(name: str) -> tuple[str, str]:
    """What a staircase or a draw does instead of sending on a gradient, and what to do about it."""
    if name in DRAWS:
        return "draws numbers, and sends nothing back to what it draws them by", _straight_through(name)
    return "is a staircase, whose gradient is zero everywhere", _straight_through(name)


def why_zero(scene: Scene, death: Death, name: str, lost: Collection[Lost]) -> tuple[str, str]:
    """Why a call's gradient is zero, to go on from "is exactly zero", and what to do about it."""
    if name in FLAT:
        return "everywhere, because it is a staircase", _straight_through(name)
    if name in RECTIFIERS:
        return (
            "for every value that it was given, all of which lie on its flat side",
            "Use what is flat nowhere, such as sigmoid, softplus or leaky_relu, or start inside its range.",
        )
    if name in SCALINGS:
        return (
            "because it is multiplied by zero",
            "Look at the factor that is zero here, and let it differ from zero.",
        )
    if name in DRAWS:
        why = "because it draws numbers, and sends nothing back to what it draws them by"
        return why, _straight_through(name)
    if name in DROPOUTS:
        return (
            "because it drops everything",
            "Lower its `p`: it is the chance that a value is dropped, and not that it is kept.",
        )
    if name == "ctc_loss":
        why = "because no input is long enough for its target: each loss is infinite, and `zero_infinity` "
        look = "Look at `input_lengths` here, which count steps of the network's output: an input needs one "
        return why + "makes 0 of it", look + "for each label of its target, and one more between equal ones."
    if name in PRODUCTS and _both_zero(scene, death, lost):
        return (
            "because both of its factors are zero: its weight, and what it is given",
            "Start one of the two at other values than zero: where both are zero, neither gets a gradient.",
        )
    if _one_class(scene, death, name):
        return (
            "because there is only one class, whose probability is 1 whatever its score is",
            "Use `F.binary_cross_entropy_with_logits` for a single score, or give each class its own.",
        )
    if name in SATURATING:
        return (
            "because all that it was given is so large that its slope is rounded to zero there",
            "Keep what it is given small: normalise the inputs, or begin with smaller weights.",
        )
    if name == "embedding":
        return (
            "because each index that it was given is its `padding_idx`, which gets none",
            "Look at the indices here, or leave `padding_idx` out.",
        )
    if _is_empty(scene, death):
        return (
            "because it gives no element at all",
            "Look at what is picked out here, or how it is sized: nothing of it goes into the loss.",
        )
    if name in STACKS:
        return (
            "for the part of it that comes from them",
            "Look at what is done with that part behind this: it is multiplied by zero, or left out.",
        )
    if was_given_nothing(scene, death):
        return (
            "because it is given nothing: no row, or no element, at all",
            "Look at what picks out what is sent here: at each of these steps it picks nothing.",
        )
    if name in SUMMED and _beside_its_bias(scene, death, lost):
        return (
            "for its weight, as all that it is given is zero, though its bias gets one",
            "Look at what it is given here: a weight learns nothing from zeros.",
        )
    return (
        "for all that it was given",
        "Use a function here whose gradient is not zero everywhere it is used.",
    )


def _beside_its_bias(scene: Scene, death: Death, lost: Collection[Lost]) -> bool:
    """Whether of the leaves that a call adds up one alone gets zeros: what it is multiplied by is zero."""
    if death.call == NONE:
        return False
    leaves = {scene.tensor[value] for value in scene.inputs[death.call] if scene.leaf[value]}
    return len(leaves) > 1 and len(leaves & {one.tensor for one in lost}) == 1


def _is_empty(scene: Scene, death: Death) -> bool:
    """Whether a call has given something of no element, out of something that has some."""
    if death.call == NONE:
        return False
    made, came = (
        [prod(scene.shape(value)) for value in values]
        for values in (scene.outputs[death.call], scene.trace.inputs[death.call][:1])
    )
    return bool(made) and not any(made) and all(came)


def was_given_nothing(scene: Scene, death: Death) -> bool:
    """Whether a call has got something of no element, and so has nothing to send back."""
    return death.call != NONE and any(0 in scene.shape(value) for value in scene.inputs[death.call])


def _one_class(scene: Scene, death: Death, name: str) -> bool:
    """Whether a softmax is taken over a single class."""
    if name not in CLASS_SOFTMAXES or death.call == NONE:
        return False
    came = map(scene.shape, scene.trace.inputs[death.call][:1])
    return any(len(shape) > 1 and shape[1 if name == "cross_entropy" else -1] == 1 for shape in came)


def _both_zero(scene: Scene, death: Death, lost: Collection[Lost]) -> bool:
    """Whether a product's own weight gets only zeros, and so does what its other factor is computed from."""
    if death.call == NONE:
        return False
    mine = {scene.tensor[value] for value in scene.inputs[death.call] if scene.leaf[value]}
    tensors = {one.tensor for one in lost}
    return bool(mine & tensors) and bool(tensors - mine)


SAFE = {
    "Acos": "Keep its argument away from -1 and 1, `.clamp(-1 + 1e-6, 1 - 1e-6)`, or use `torch.atan2`",
    "Asin": "Keep its argument away from -1 and 1, `.clamp(-1 + 1e-6, 1 - 1e-6)`, or use `torch.atan2`",
    "Sqrt": "Keep its argument above zero, `torch.sqrt(x.clamp(min=1e-8))`",
    "Norm": "Add a small number under its root, `(x.square().sum() + 1e-8).sqrt()`",
    "LinalgVectorNorm": "Add a small number under its root, `(x.square().sum() + 1e-8).sqrt()`",
    "Std": "Add a small number under its root, `(x.var() + 1e-8).sqrt()`",
    "Log": "Keep its argument above zero, `.clamp(min=1e-8)`, or compute in logarithms from the start",
    "Div": "Keep what it divides by away from zero before this line, `.clamp(min=1e-8)` or `+ 1e-8`",
}
"""By the operation whose backward sent NaN on: how its argument is kept where its slope is finite."""


def made_finite(death: Death) -> str:
    """What to do about an operation that sends on NaN."""
    known = SAFE.get(death.name.partition("Backward")[0])
    if known is None:
        known = "Make its argument safe before this line, with `torch.where` or `.clamp(min=...)`"
    return f"{known}: masking the result afterwards is too late for backward."
