"""What is asked of torch and its tensors while a program runs: nothing here touches a graph or waits."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

sequence_number: Callable[[], int] = torch._C._autograd._get_sequence_nr
any_autocast: Callable[[], bool] = torch._C._is_any_autocast_enabled
version_of = operator.attrgetter("_version")
"""Raises RuntimeError for a tensor of inference mode, which counts no versions."""
is_view, leaf_flag = Tensor._is_view, operator.attrgetter("is_leaf")
plain_tensors = frozenset((Tensor, Parameter))
unasked = torch._C.DisableTorchFunctionSubclass
"""Within it a tensor of a subclass answers by itself: its `__torch_function__` is the program's own code,
which would be run by each question of ours."""
no_tensors = frozenset((bool, int, float, str, type(None), torch.dtype, torch.device))
"""Types of which most arguments are that are no tensors, and hold none."""

UNKNOWN = -1
"""A size that is no number."""


def is_parameter(tensor: Tensor) -> bool:
    """As isinstance: for `Parameter` that is a function in Python, and asked of each tensor that is met."""
    kind = type(tensor)
    return kind is Parameter or (kind is not Tensor and isinstance(tensor, Parameter))


def is_unfilled(tensor: Tensor) -> bool:
    """Whether it is of a lazy module that has not run yet: it has no shape, and refuses most questions."""
    # For these classes isinstance is a function in Python.
    return type(tensor) is not Tensor and isinstance(tensor, (UninitializedParameter, UninitializedBuffer))


def is_inference(tensor: Tensor) -> bool:
    """Whether a tensor was made in inference mode; False for one that has no shape yet, as torch raises."""
    return not is_unfilled(tensor) and tensor.is_inference()


def writes_of(tensor: Tensor) -> int:
    """How often a tensor was written, its version; -1 of one of inference mode, which counts none."""
    return -1 if is_inference(tensor) else tensor._version


def shape_of(tensor: Tensor) -> tuple[int, ...]:
    """The shape of a tensor; (0,) where it has none yet, or is a nested one whose parts differ."""
    try:
        return (0,) if is_unfilled(tensor) else plain_shape(tensor.shape)
    except RuntimeError:
        return (0,)


def plain_shape(shape: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape itself, or with UNKNOWN for each size that is no number, as that of a jagged dimension: it
    can't be made one, and holds the tensor that says where its rows begin."""
    for size in shape:
        if type(size) is not int:
            return tuple(one if type(one) is int else UNKNOWN for one in shape)
    return shape


def same_memory(one: Tensor, other: Tensor) -> bool:
    """Whether two tensors are the same elements of the same memory; False also where that can't be told."""
    if type(one) not in plain_tensors or type(other) not in plain_tensors:
        return False
    if one.shape != other.shape or one.dtype is not other.dtype or one.is_complex():
        return False  # a complex number may be the conjugate of what lies there
    try:
        if one.untyped_storage()._cdata != other.untyped_storage()._cdata:
            return False
        return one.storage_offset() == other.storage_offset() and one.stride() == other.stride()
    except RuntimeError:
        return False  # what functorch wraps, or what is sparse, has no storage
