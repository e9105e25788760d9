"""What is known of torch's functions, by the last part of their names."""

from __future__ import annotations

SHAPE_ONLY = frozenset(
    [
        "zeros_like",
        "ones_like",
        "empty_like",
        "full_like",
        "rand_like",
        "randn_like",
        "randint_like",
        "new_zeros",
        "new_ones",
        "new_empty",
        "new_full",
        "new_empty_strided",
    ]
)
"""Their result takes a shape and a type from its input, and no values."""

SHAPED_BY_SECOND = frozenset(["view_as", "reshape_as", "expand_as", "type_as"])
"""They take values of their first input only."""

OVERWRITES = frozenset(
    [
        "zero_",
        "fill_",
        "copy_",
        "normal_",
        "uniform_",
        "random_",
        "bernoulli_",
        "exponential_",
        "geometric_",
        "log_normal_",
        "cauchy_",
        "set_",
    ]
)
"""What the written tensor held before is lost."""

DETACHES = frozenset({"detach", "detach_"})
DATA = frozenset({"data"})
DATA_SET = "Tensor.data.__set__"
LETS_GO = DETACHES | DATA
FUNC_GRAD = "torch.func.grad"
"""What a result of `torch.func.grad`, `vjp`, `jacrev` and their kin comes from."""
INITIAL = "torch.nn.init."
"""How the functions' names begin that fill a parameter anew."""
SELECTIONS = frozenset({
    "__getitem__", "__setitem__", "index_select", "index", "gather", "take", "take_along_dim",
    "masked_select",
    "masked_fill", "masked_fill_", "masked_scatter", "select", "where", "embedding", "scatter", "scatter_",
    "scatter_add", "scatter_add_", "index_add", "index_add_", "index_copy", "index_copy_",
    "index_put", "index_put_",
})  # fmt: skip
"""They take some of their inputs only to choose by: indices and masks."""
TWINNED = frozenset({
    "add", "sub", "subtract", "mul", "multiply", "div", "divide", "pow", "lerp", "addcmul", "addcdiv",
    "addmm", "addmv", "addbmm", "baddbmm", "index_add", "index_copy", "index_fill", "index_put",
    "index_reduce", "scatter", "scatter_add", "scatter_reduce", "masked_fill", "masked_scatter", "clamp",
    "clip", "tril", "triu",
})  # fmt: skip
"""They make a new tensor, and have a twin which writes into their first input: `add_` beside `add`."""
NUMPY = frozenset({"numpy", "__array__", "__dlpack__"})
"""They hand values over to other libraries as arrays."""
SCALARS = frozenset({"item", "tolist", "__float__", "__int__", "__bool__", "__index__", "__complex__"})
"""They make Python numbers of values."""
ESCAPES = NUMPY | SCALARS
"""Methods by which values leave torch."""
CARRYING = NUMPY | {"item", "tolist", "__float__"}
"""They carry values out of torch; the other ways to leave it only ask whether or how many."""
ASKING = frozenset({"__int__", "__index__", "__bool__"})
"""Those of them that are recorded: what becomes of a count or an answer isn't followed, but is used."""
PICKLED, UNPICKLED = "pickle.dump", "pickle.load"
"""What a tensor's values go through where it is saved, sent or copied by `copy.copy`."""
CHOOSING = frozenset(["narrow", "roll", "select", "split", "tensor_split", "pad", "interpolate"])
"""Functions that are given numbers which say what of a tensor is taken, and where it goes."""
INTEGER_CASTS = frozenset(
    [
        "long",
        "int",
        "short",
        "byte",
        "char",
        "bool",
        "to",
        "type",
        "type_as",
        "_to_copy",
        "__long__",
        "__int__",
        "view",
        "int_repr",
    ]
)
"""Functions that change the type of what they are given; a cast to whole numbers where the result isn't
floating."""


def _spellings(operator: str, *functions: str) -> frozenset[str]:
    """What an operation on two things is called as a function, a method, in place, and by an operator."""
    written = (name + end for name in functions for end in ("", "_"))
    return frozenset([*written, f"__{operator}__", f"__i{operator}__"])


SUMS = _spellings("add", "add") | {"__radd__"}
"""What adds two things, and takes neither from the other."""
REVERSED = frozenset(["__rsub__", "rsub"])
ADDITIONS = SUMS | _spellings("sub", "sub", "subtract")
"""What adds something to its first operand, or takes something from it."""
SUBTRACTIONS = ADDITIONS - SUMS | REVERSED
MULTIPLICATIONS = _spellings("mul", "mul", "multiply") | {"__rmul__"}
DIVISIONS = _spellings("truediv", "div", "divide", "true_divide") | {"__div__", "__idiv__"}
"""What divides its first operand."""
QUOTIENTS = DIVISIONS | {"__rtruediv__", "__rdiv__"}
"""What divides one thing by another."""
DIFFERENCES = SUBTRACTIONS | QUOTIENTS
"""Of two things that are alike nothing is left, or one."""
DISTANCES = frozenset(["mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"])
"""Functions of a difference of two, which are zero where there is none."""
SIMILARITY = "cosine_similarity"
DIVERGENCES = frozenset({"kl_div", SIMILARITY})
"""Functions of two that are at their end, and flat, where both are alike, though of no difference of them."""
RAISINGS = _spellings("pow", "pow")
POWERS = RAISINGS | {"square", "square_"}
REDUCTIONS = frozenset(["sum", "mean", "nansum", "nanmean"])
RESHAPES = frozenset(
    ["view", "reshape", "squeeze", "unsqueeze", "flatten", "clone", "contiguous", "to", "float", "double"]
)
TURNS = frozenset(["permute", "transpose", "swapaxes", "swapdims", "t", "T", "mT"])
"""What puts dimensions in another order."""
NEGATIONS = frozenset(["neg", "__neg__", "negative", "__pos__", "positive"])
STACKS = frozenset(["stack", "cat", "concat", "concatenate", "hstack", "vstack"])
SCALINGS = MULTIPLICATIONS | DIVISIONS
"""What multiplies by a factor, or divides by one, so that gradients are multiplied too."""
INNER = frozenset({"dot", "vdot", "inner", "matmul", "__matmul__", "__rmatmul__"})
"""What sums the products of two things, item by item, where it gives a single number."""
SOFTMAXES = frozenset({"softmax", "log_softmax"})
"""What makes probabilities, or their logarithms, of scores."""
RUNNING_NORMS = frozenset({"batch_norm", "instance_norm"})
"""They write what they keep of their input in place, uncounted by its version: read later, it is that."""
NORMS = RUNNING_NORMS | {"layer_norm", "group_norm", "rms_norm"}
"""What normalises, and multiplies by a weight then."""
MISSPELT_FLAGS = ("require_grad", "required_grad", "requires_grads", "require_grads", "requiresgrad",
                  "require_gradient", "requires_gradient", "req_grad")  # fmt: skip
"""Attributes that somebody wrote who meant `requires_grad`."""


def last_part(function: str) -> str:
    return function.rsplit(".", 1)[-1]


def is_checkpoint(function: str) -> bool:
    return "CheckpointFunction" in function or function.endswith("checkpoint")
