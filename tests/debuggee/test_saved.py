"""What nodes have saved for backward: read when asked for, exactly what torch keeps, and nothing woken."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.checkpoint import checkpoint

from gradtui.debuggee import saved as reading
from gradtui.model.columns import NONE
from gradtui.model.messages import Command, ProgramPhase, Progress, Weigh, Weighed
from gradtui.model.saved import Saved
from gradtui.model.snapshot import Snapshot
from tests.debuggee.viewer import CONTINUE, STEP, Viewer, shown, watched


def weighed(program: Callable[[], object], *before: Any) -> tuple[Saved, Snapshot]:
    """What the nodes had saved when a program was held before its backward, and what else was known."""
    viewer = shown(program, *before, Weigh(1), CONTINUE)
    answer = next(message for message in viewer.said if isinstance(message, Weighed))
    assert answer.error == ""
    return answer.saved, viewer.stopped[0]


def held(saved: Saved) -> int:
    """Bytes of all memory that is kept, each storage once."""
    return sum(dict(zip(saved.storage, saved.size, strict=True)).values())


class Cube(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor) -> Tensor:
        out = scale * x**3
        ctx.save_for_backward(x, scale, out)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Any:
        x, scale, _ = ctx.saved_tensors
        return grad * scale * 3 * x**2, None


def network() -> Tensor:
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Linear(8, 16), nn.ReLU(), nn.BatchNorm1d(16), nn.Linear(16, 8), nn.LayerNorm(8), nn.Dropout(0.5)
    )
    out = net(torch.randn(32, 8))
    return torch.cat([out[:, torch.tensor([0, 2])], out[:, :4].softmax(1).contiguous()], 1).logsumexp(1).sum()


def custom() -> Tensor:
    x = torch.ones(1000, requires_grad=True)
    cubes: Tensor = Cube.apply(x, torch.full((1000,), 2.0))  # type: ignore[no-untyped-call]
    return cubes.exp().mean()


def attention() -> Tensor:
    layer = nn.TransformerEncoderLayer(16, 2, 32, batch_first=True)
    out: Tensor = layer(torch.ones(2, 5, 16))
    return out.square().mean()


@pytest.mark.parametrize("loss", [network, custom, attention])
def test_it_is_what_torch_packs_byte_for_byte(loss: Callable[[], Tensor]) -> None:
    packed: dict[int, int] = {}
    alive = []

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        packed[storage._cdata] = storage.nbytes()
        alive.append(storage)
        return tensor.detach()  # an output that is kept as it is would keep its own graph

    with saved_tensors_hooks(pack, lambda tensor: tensor):
        kept = loss()  # noqa: F841 - lives while its storages are counted
    saved, _ = weighed(lambda: loss().backward())

    assert held(saved) == sum(packed.values())
    assert len(set(saved.storage)) == len(packed)


def test_a_view_counts_as_the_whole_memory_that_it_keeps_and_only_once() -> None:
    def program() -> None:
        x = torch.ones(1000, requires_grad=True)
        whole = x * 1.0
        (whole[:1].exp() * whole[:2].sum() * whole[0].sin()).sum().backward()

    saved, snapshot = weighed(program)
    assert snapshot.graph is not None
    views = [place for place in range(len(saved)) if saved.size[place] == 4000]

    assert views
    assert len({saved.storage[place] for place in views}) == 1
    assert [saved.shapes[saved.shape[place]] for place in views] == [()]


def test_memory_of_parameters_is_told_from_what_the_graph_alone_keeps() -> None:
    saved, snapshot = weighed(lambda: nn.Linear(4, 2)(torch.ones(3, 4, requires_grad=True)).sum().backward())
    weight = next(item for item in snapshot.parameters if item.shape == (2, 4))

    assert weight.tensor in saved.owner


def test_a_tensor_written_since_tells_both_versions_and_its_bytes() -> None:
    def program() -> None:
        hidden = (torch.ones(5, requires_grad=True) * 2).relu()
        hidden += 1
        with pytest.raises(RuntimeError, match="version"):
            hidden.sum().backward()

    saved, snapshot = weighed(program)
    assert snapshot.graph is not None
    stale = snapshot.graph.stale[0]
    place = next(index for index in range(len(saved)) if saved.expected[index] != saved.actual[index])

    assert (saved.node[place], saved.expected[place], saved.actual[place]) == (stale.node, 0, 1)
    assert saved.size[place] == 20


def test_hooks_of_the_program_are_not_woken() -> None:
    woken: list[str] = []

    def unpack(tensor: Tensor) -> Tensor:
        woken.append("unpacked")
        return tensor

    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        with saved_tensors_hooks(lambda tensor: tensor, unpack):
            y = (x * 2).exp()
        loss = (y.sin() + checkpoint(rerun, x, use_reentrant=False)).sum()
        viewer.says = [Weigh(1), noted]
        loss.backward()

    def rerun(x: Tensor) -> Tensor:
        woken.append("forward")
        return x.cos()

    def noted(_: Viewer) -> Command:
        assert woken == ["forward"]
        return CONTINUE

    viewer = Viewer()
    with watched(viewer):
        program()
    answer = next(message for message in viewer.said if isinstance(message, Weighed))

    assert answer.saved.hooked == 3  # mul, exp and cos
    assert "unpacked" in woken  # by torch itself, afterwards
    graph = viewer.stopped[0].graph
    assert graph is not None
    assert "SinBackward0" in {graph.node_name(node) for node in answer.saved.node}


def test_nothing_that_was_read_is_kept_and_backward_runs_as_ever() -> None:
    refs: list[weakref.ref[Tensor]] = []

    def program() -> None:
        x = torch.ones(1000, requires_grad=True)
        y = x.exp()
        refs.append(weakref.ref(y))
        loss = y.sin().sum()
        del y
        before = _storages()
        viewer.says = [Weigh(1), lambda _: _compare(before)]
        loss.backward()
        assert x.grad is not None
        assert torch.equal(x.grad, x.detach().exp().cos() * x.detach().exp())

    viewer = Viewer()
    with watched(viewer):
        program()

    assert refs[0]() is None


def _compare(before: int) -> Command:
    assert _storages() == before
    return CONTINUE


def _storages() -> int:
    """Live tensors of a thousand elements that Python can reach."""
    gc.collect()
    return sum(type(item) is Tensor and item.numel() == 1000 for item in gc.get_objects())


def test_in_the_middle_of_a_backward_it_says_that_it_is_too_late() -> None:
    viewer = shown(lambda: torch.ones(3, requires_grad=True).exp().sum().backward(), STEP, Weigh(9), CONTINUE)
    answer = next(message for message in viewer.said if isinstance(message, Weighed))

    assert answer.request == 9
    assert "before backward begins" in answer.error


def test_a_deep_graph_is_read_with_signs_of_progress() -> None:
    def program() -> None:
        x = torch.ones(1, requires_grad=True)
        y = x
        for _ in range(6_000):
            y = y.sin()
        y.backward()

    viewer = shown(program, Weigh(1), CONTINUE)
    answer = next(message for message in viewer.said if isinstance(message, Weighed))

    assert len(answer.saved) == 6_000
    told = [
        item for item in viewer.said if isinstance(item, Progress) and item.phase == ProgramPhase.WEIGHING
    ]
    assert [(item.done, item.total) for item in told] == [(5_000, 6_001)]


def test_reading_ends_when_it_takes_too_long_and_says_how_much_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reading, "EVERY", 2)
    y = torch.ones(1, requires_grad=True).sin().cos().sin().cos()
    nodes = list(_chain(y.grad_fn))
    ticks = iter([0.0, 1.0, 99.0])
    saved = reading.saved(nodes, lambda _: False, {}, lambda *_: True, lambda: next(ticks))

    assert saved.unread == 1
    assert list(saved.node) == [0, 1, 2, 3]
    assert NONE not in saved.storage


def _chain(node: Any) -> Iterator[Any]:
    while node is not None:
        yield node
        node = node.next_functions[0][0] if node.next_functions else None
