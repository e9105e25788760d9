"""Collectives of `torch.distributed`: they fill tensors with values of others, and no mode sees that.

Nothing that they give has a graph, whatever they were given: a contrastive loss over embeddings that were
gathered trains nothing by them.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from gradtui.debuggee.call_outputs import written
from gradtui.debuggee.functions import Info
from gradtui.debuggee.passive import sequence_number
from gradtui.debuggee.recorder import Recorder

FILLED = {
    "all_gather": "tensor_list",
    "all_gather_into_tensor": "output_tensor",
    "all_reduce": "tensor",
    "all_to_all": "output_tensor_list",
    "all_to_all_single": "output",
    "broadcast": "tensor",
    "reduce": "tensor",
    "reduce_scatter": "output",
    "reduce_scatter_tensor": "output",
}
"""By name of a collective, how its first argument is called: what it fills."""

Replace = Callable[[Any, str, Callable[..., Any]], None]


def install(recorder: Recorder, watching: Callable[[], bool], replace: Replace) -> None:
    """Wrap those collectives that this version of torch has."""
    for name, filled in FILLED.items():
        original = vars(torch.distributed).get(name)
        if original is not None:
            info = recorder.functions.named(f"torch.distributed.{name}")
            replace(torch.distributed, name, _wrapped(recorder, watching, original, info, filled))


def _wrapped(
    recorder: Recorder, watching: Callable[[], bool], original: Callable[..., Any], info: Info, filled: str
) -> Callable[..., Any]:
    @functools.wraps(original)
    def collective(*args: Any, **kwargs: Any) -> Any:
        if not watching():
            return original(*args, **kwargs)
        frame, targets, came = sys._getframe(1), list[Tensor](), list[int]()
        with recorder.contained:
            targets = recorder.tensors_in((args[0] if args else kwargs.get(filled),), [])
            fills = set(map(id, targets))
            given = recorder.tensors_in((*args, *kwargs.values()), [])
            sources = [tensor for tensor in given if id(tensor) not in fills] or given
            came = [recorder.value(tensor, frame) for tensor in sources]
        begin = sequence_number()
        out = original(*args, **kwargs)
        with recorder.contained:
            if targets and not recorder.fault:
                written(recorder, info, frame, came, targets, begin, sequence_number())
        return out

    return collective
