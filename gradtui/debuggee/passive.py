"""What is asked of torch and its tensors while a program runs: nothing here touches a graph or waits."""

from __future__ import annotations

import operator
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import Parameter

sequence_number: Callable[[], int] = torch._C._autograd._get_sequence_nr
any_autocast: Callable[[], bool] = torch._C._is_any_autocast_enabled
version_of = operator.attrgetter("_version")
"""Raises RuntimeError for a tensor of inference mode, which counts no versions."""
is_view, leaf_flag = Tensor._is_view, operator.attrgetter("is_leaf")
plain_tensors = frozenset((Tensor, Parameter))
no_tensors = frozenset((bool, int, float, str, type(None), torch.dtype, torch.device))
"""Types of which most arguments are that are no tensors, and hold none."""


def is_parameter(tensor: Tensor) -> bool:
    """As isinstance: for `Parameter` that is a function in Python, and asked of each tensor that is met."""
    kind = type(tensor)
    return kind is Parameter or (kind is not Tensor and isinstance(tensor, Parameter))
