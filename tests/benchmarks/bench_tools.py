"""What other tools cost on the same work, those that are installed, beside our own in the same run.

They come last: some of them wrap all of torch's functions for good where they are once imported.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.benchmarks.conftest import Table
from tests.benchmarks.measuring import side_by_side
from tests.benchmarks.workloads import (
    WORKLOADS,
    Model,
    Workload,
    convnet_model,
    mlp_model,
    transformer_model,
)

ROUNDS = 3
SHARED = [one for one in WORKLOADS if "tiny adds" not in one.name]
"""Not the loops of tiny operations, at which some of them take minutes."""
MODELS = {
    "MLP": mlp_model,
    "transformer, 12 layers of 768": transformer_model,
    "convnet, 50 layers": convnet_model,
}
HEADINGS = ("peers, CPU time over plain", "on", "forward", "backward")


def _anomaly() -> Any:
    return torch.autograd.set_detect_anomaly(True)


def _debug_mode() -> Any:
    from torch.utils._debug_mode import DebugMode  # type: ignore[attr-defined,unused-ignore]

    return DebugMode()


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("workload", SHARED, ids=lambda one: one.name)
@pytest.mark.parametrize("peer", [_anomaly, _debug_mode], ids=["anomaly mode", "DebugMode"])
def test_modes_of_torch(
    peer: Callable[[], Any], workload: Workload, table: Table, request: pytest.FixtureRequest
) -> None:
    if "Hugging Face" in workload.name:
        pytest.importorskip("transformers")
    found = side_by_side(workload.make, peer, ROUNDS)
    table.add(HEADINGS, request.node.callspec.id.split("-")[0], workload.name, found.forward, found.backward)


def _torchlens(tool: Any, model: nn.Module, x: Tensor) -> None:
    tool.trace(model, x)  # of version 2; `log_forward_pass` before


def _torchview(tool: Any, model: nn.Module, x: Tensor) -> None:
    tool.draw_graph(model, input_data=x)


def _torchviz(tool: Any, model: nn.Module, x: Tensor) -> None:
    tool.make_dot(model(x).square().mean(), params=dict(model.named_parameters()))


@pytest.mark.timeout(600)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("peer", [_torchlens, _torchview, _torchviz], ids=lambda one: one.__name__[1:])
def test_tools_that_take_a_model(
    peer: Callable[[Any, nn.Module, Tensor], None], name: str, table: Table
) -> None:
    """A forward pass with the tool's own picture of it, over a plain forward pass."""
    tool = pytest.importorskip(peer.__name__[1:])
    ratios = []
    for number in range(ROUNDS + 1):
        torch.manual_seed(number)
        plain = _seconds(MODELS[name], lambda model, x: model(x).square().mean())
        watched = _seconds(MODELS[name], lambda model, x: peer(tool, model, x))
        if number:
            ratios.append(watched / plain)
    table.add(HEADINGS, peer.__name__[1:], name, median(ratios), "")


def _seconds(make: Callable[[], Model], work: Callable[[nn.Module, Tensor], object]) -> float:
    model, x = make()
    begin = time.process_time()
    work(model, x)
    return time.process_time() - begin
