"""Where in a forward pass the first number was made that isn't finite, from what could be read of it.

What a call makes of finite numbers is known of most functions: they give finite ones, unless these become too
large. So where nothing could be read of the values in between, the call that is left is named.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import isfinite, prod

from gradtui.diagnosis.scene import Scene
from gradtui.model.columns import NONE
from gradtui.model.forward import ForwardValues, Health
from gradtui.model.torch_functions import (
    ADDITIONS,
    MULTIPLICATIONS,
    NEGATIONS,
    POWERS,
    QUOTIENTS,
    RAISINGS,
    REVERSED,
    RUNNING_NORMS,
    SOFTMAXES,
)
from gradtui.model.trace import Kind

FILLERS = frozenset({
    "masked_fill", "masked_fill_", "where", "full", "full_like", "new_full", "fill_", "fill", "__setitem__",
    "tensor", "as_tensor", "new_tensor", "index_fill", "index_fill_", "triu", "tril", "triu_", "tril_",
    "scatter", "scatter_", "index_put", "index_put_", "from_numpy", "masked_scatter", "masked_scatter_",
})  # fmt: skip
"""They may put in infinite values that somebody wants to be there."""
MOVING = frozenset({
    "view", "reshape", "view_as", "reshape_as", "flatten", "unflatten", "squeeze", "squeeze_", "unsqueeze",
    "unsqueeze_", "transpose", "transpose_", "t", "T", "mT", "permute", "movedim", "swapaxes", "expand",
    "expand_as", "repeat", "repeat_interleave", "tile", "contiguous", "clone", "detach", "detach_", "data",
    "__getitem__", "index_select", "gather", "take", "take_along_dim", "masked_select", "select", "narrow",
    "split", "chunk", "unbind", "unfold", "cat", "concat", "stack", "hstack", "vstack", "flip", "roll", "pad",
    "diagonal", "diag", "diag_embed", "tril", "triu", "broadcast_to", "embedding", "pixel_shuffle",
    "interpolate", "grid_sample", "alias", "requires_grad_", "cpu", "cuda", "float", "double", "as_strided",
    "real", "imag", "sort", "topk", "to", "type_as", "type", "half", "bfloat16", "meshgrid", "cumsum",
    "_pack_padded_sequence", "_pad_packed_sequence",
})  # fmt: skip
"""They move numbers to other places, shapes and types."""
SOUND = MOVING | ADDITIONS | REVERSED | MULTIPLICATIONS | NEGATIONS | frozenset({
    # numbers that are made of none
    "randn", "rand", "randint", "randperm", "zeros", "ones", "arange", "linspace", "eye", "randn_like",
    "rand_like", "zeros_like", "ones_like", "new_zeros", "new_ones", "normal", "normal_", "uniform_",
    "zero_", "one_hot", "bernoulli", "bernoulli_", "xavier_uniform_", "kaiming_uniform_",
    # elementwise
    "abs", "__abs__", "relu", "relu_", "relu6", "leaky_relu", "leaky_relu_", "elu", "selu", "celu", "gelu",
    "silu", "mish", "prelu", "rrelu", "hardtanh", "hardswish", "hardsigmoid", "softplus", "softsign",
    "logsigmoid", "tanh", "tanh_", "sigmoid", "sigmoid_", "sin", "cos", "atan", "arctan", "atan2", "erf",
    "sinc", "round", "floor", "ceil", "sign", "clamp", "clamp_", "clamp_min", "clamp_max", "clip",
    "minimum", "maximum", "where", "nan_to_num", "square", "lerp", "addcmul", "dropout", "dropout_",
    "dropout1d", "dropout2d", "dropout3d",
    # sums
    "sum", "mean", "max", "min", "amax", "amin", "std", "var", "std_mean", "var_mean", "matmul",
    "__matmul__", "__rmatmul__", "mm", "bmm", "mv", "dot", "addmm", "addbmm", "baddbmm", "outer", "einsum",
    "linear", "bilinear", "conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d",
    "conv_transpose3d", "softmax", "log_softmax", "softmin", "norm", "vector_norm", "logsumexp",
    "max_pool1d", "max_pool2d", "max_pool3d", "avg_pool1d", "avg_pool2d", "avg_pool3d",
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d",
    "layer_norm", "group_norm", "rms_norm", "normalize", "scaled_dot_product_attention",
    "multi_head_attention_forward", "glu", "cosine_similarity",
    "lstm", "gru", "rnn_tanh", "lstm_cell", "gru_cell", "rnn_tanh_cell", "index_add", "index_add_",
    "scatter_add", "scatter_add_", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss",
    "binary_cross_entropy_with_logits", "binary_cross_entropy", "triplet_margin_loss", "hinge_embedding_loss",
})  # fmt: skip
"""What they make of finite numbers is finite, unless it gets too large, or there is nothing to average."""
MASKS = frozenset({"masked_fill", "masked_fill_", "where", "index_fill", "index_fill_", "__setitem__"})
MASKED_SOFTMAXES = SOFTMAXES | {"scaled_dot_product_attention"}
"""What makes NaN of scores all of which a mask has made minus infinity."""
AVERAGES = frozenset({"mean", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "nanmean", "median"})
SPREADS = frozenset({"std", "var", "std_mean", "var_mean"})
BY_NUMBER = QUOTIENTS | RAISINGS
OVERFLOWING = ADDITIONS | {"mean", "sum"}
"""What adds up, also over a dimension or with a sign, and is infinite at last where its terms were large."""
GROW = MULTIPLICATIONS | POWERS | {"linear", "matmul"}
"""What makes numbers much larger than they were, long before a sum does."""
HALF = "float16"
"""A dtype of numbers that soon get too large."""
CAME = (Kind.SEEN, Kind.REENTRY, Kind.PARAMETER)
"""Kinds of records of what wasn't computed by torch, as far as was seen."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The call that made the first number that isn't finite."""

    call: int
    health: Health | None
    """What it made; None where that couldn't be read."""
    spread: int = NONE
    """The call that made NaN of its infinite value, where another one did."""
    meant: int = NONE
    """The call that put the infinite values in which it made NaN of."""
    came: bool = False
    """It made nothing: there such a number came into torch, or into this part of the program."""
    sure: bool = True


def origin(scene: Scene, forward: ForwardValues) -> Origin | None:
    """Where the first number came from that made the root what it is; None where that can't be told."""
    search = _Search(scene, forward)
    roots = [forward.root]
    call = search.first(roots, Health.NAN)
    if call != NONE:
        infinite = [value for value in scene.sources[call] if search.bad(value, Health.INF)]
        source = search.first(infinite, Health.INF)
        if source == NONE:
            return search.narrowed(call, Health.NAN)
        found = search.narrowed(source, Health.INF)
        if search.is_meant(found.call):
            return Origin(call, Health.NAN, meant=found.call)
        return replace(found, spread=call)
    call = search.first(roots, Health.INF)
    if call == NONE:
        return None
    found = search.narrowed(call, Health.INF)
    if search.is_meant(found.call):
        below = search.below(found.call)
        return None if below == NONE else Origin(below, Health.INF, meant=found.call, sure=False)
    return found


class _Search:
    def __init__(self, scene: Scene, forward: ForwardValues) -> None:
        self.scene = scene
        pairs = zip(forward.value, forward.health, strict=True)
        self.health = {value: health for value, health in pairs if value != NONE}
        self._bad: dict[Health, bytearray] = {}
        self._leave_out_statistics()

    def _leave_out_statistics(self) -> None:
        """Of running statistics that were given a broken input, what is read is what became of them."""
        scene, known = self.scene, self.health
        norms = [call for call, came in enumerate(scene.inputs) if came and scene.name(call) in RUNNING_NORMS]
        kept = {call: [value for value in scene.inputs[call][1:] if not scene.grad[value]] for call in norms}
        read = {value: known.pop(value) for values in kept.values() for value in values if value in known}
        if any(read.values()):
            bad = self._spread(Health.INF)
            spoiled = {value for call in norms if bad[scene.inputs[call][0]] for value in kept[call]}
            read = {value: health for value, health in read.items() if value not in spoiled}
        known.update(read)

    def bad(self, value: int, wanted: Health) -> bool:
        """Whether a value is as bad as this, or may be, as what it was made of is."""
        if wanted not in self._bad:
            self._bad[wanted] = self._spread(wanted)
        return bool(self._bad[wanted][value])

    def _spread(self, wanted: Health) -> bytearray:
        scene, known = self.scene, self.health
        found = bytearray(len(scene.producer))
        for value, health in known.items():
            found[value] = health >= wanted
        for came, made in zip(scene.sources, scene.outputs, strict=True):
            if any(map(found.__getitem__, came)):
                for value in made:
                    if value not in known and scene.floating[value]:
                        found[value] = 1
        return found

    def first(self, values: Iterable[int], wanted: Health) -> int:
        """The first call above these values that made such a one of better ones; NONE where none did."""
        scene = self.scene
        pending = [value for value in values if value != NONE and self.bad(value, wanted)]
        seen: set[int] = set()
        made: list[int] = []
        while pending:
            call = scene.producer[pending.pop()]
            if call in seen:
                continue
            seen.add(call)
            above = [value for value in scene.sources[call] if self.bad(value, wanted)]
            if not above:
                made.append(call)
            pending.extend(above)
        return min(made, default=NONE)

    def narrowed(self, call: int, health: Health) -> Origin:
        """The call, or one before it of which nothing could be read and that is likelier to have done it."""
        scene = self.scene
        if scene.kind[call] in CAME:
            return Origin(call, health, came=True)
        unread = self._unread_above(call)
        if health is Health.NAN and (mask := self._mask(call, unread)) is not None:
            return mask
        suspects = [one for one in (call, *unread) if self._can(one)]
        if not suspects and health is Health.INF and scene.name(call) in OVERFLOWING:
            suspects = [one for one in unread if scene.name(one) in GROW]
        chosen = call if not suspects or call in suspects else max(suspects)
        lines = {(scene.site(one).file, scene.site(one).line) for one in (*suspects, chosen)}
        sure = len(lines) == 1 and bool(suspects or not unread)
        made = health if chosen == call else None
        return Origin(chosen, made, came=scene.kind[chosen] in CAME, sure=sure)

    def _mask(self, call: int, unread: Sequence[int]) -> Origin | None:
        """A softmax of which a mask has left nothing: what it puts in is infinite, as it should be."""
        scene = self.scene
        masks = [one for one in unread if scene.name(one) in MASKS]
        soft = [
            one
            for one in (call, *unread)
            if scene.name(one) in MASKED_SOFTMAXES and one > min(masks, default=one)
        ]
        suspects = {scene.name(one) for one in (call, *unread) if self._can(one)}
        if not soft or not (min(soft) == call or suspects <= MASKS):
            return None
        return Origin(min(soft), Health.NAN, meant=max(one for one in masks if one < min(soft)))

    def _unread_above(self, call: int) -> list[int]:
        """Calls above this one, through values of which nothing could be read."""
        scene, found, pending = self.scene, dict[int, None](), [call]
        while pending:
            for value in scene.sources[pending.pop()]:
                above = scene.producer[value]
                if scene.floating[value] and value not in self.health and above not in found:
                    found[above] = None
                    pending.append(above)
        found.pop(call, None)
        return [*found]

    def _can(self, call: int) -> bool:
        """Whether a call may make of finite numbers what isn't."""
        scene = self.scene
        if scene.kind[call] in CAME:
            return True
        name, trace = scene.name(call), scene.trace
        if any(trace.dtypes[trace.dtype[value]] == HALF for value in scene.outputs[call]):
            return True
        if name in AVERAGES or name in SPREADS:
            sizes = [prod(trace.shapes[trace.shape[value]]) for value in scene.inputs[call]]
            made = [prod(trace.shapes[trace.shape[value]]) for value in scene.outputs[call]]
            return 0 in sizes or (name in SPREADS and sizes[:1] == made[:1])
        return name not in SOUND and not (name in BY_NUMBER and self._is_by_number(call))

    def _is_by_number(self, call: int) -> bool:
        """Whether what it divides by, or raises to, is a number that is written there and does no harm."""
        words, site = self.scene.words, self.scene.site(call)
        text = words.operand(site, 1) or (words.arguments(site) or [""])[-1]
        try:
            number = float(text)
        except ValueError:
            return False
        if self.scene.name(call) in RAISINGS:
            return number >= 0 and number.is_integer()
        return number != 0 and isfinite(number)

    def is_meant(self, call: int) -> bool:
        """Whether a call may have put infinite values in because somebody wanted them there."""
        return self.scene.kind[call] in CAME or self.scene.name(call) in FILLERS

    def below(self, call: int) -> int:
        """The first call that was given what a call made."""
        made = set(self.scene.outputs[call])
        after = range(call + 1, len(self.scene.kind))
        return next((one for one in after if made.intersection(self.scene.sources[one])), NONE)
