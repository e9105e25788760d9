"""The ways to a loss, walked by the few calls that matter, are those that a walk over all calls finds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from gradtui.diagnosis.flow import Flow, _Search
from gradtui.diagnosis.run import Run
from tests.debuggee.recording import recording


def layers() -> Tensor:
    net = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    out: Tensor = net(torch.ones(1, 2))
    return out.sum()


def two_cuts_on_one_way() -> Tensor:
    net = nn.Linear(2, 2)
    out = net(torch.ones(2)).detach() * 2
    loss: Tensor = (net.weight * out.tanh().detach()).sum()
    return loss


def one_place_many_times() -> Tensor:
    weights = [torch.ones(1, requires_grad=True) for _ in range(5)]
    total = torch.zeros(1, requires_grad=True)
    for weight in weights:
        total = total + (weight * 2).detach()
    return total


def over_numpy_and_numbers() -> Tensor:
    net = nn.Linear(2, 2)
    out = net(torch.ones(2))
    back = torch.from_numpy(out.detach().numpy())
    return (back * net.bias).sum() + torch.tensor(out.sum().item())


def rebuilt_leaf() -> Tensor:
    net = nn.Linear(2, 2)
    leaf = nn.Parameter(net(torch.ones(2)))
    return (leaf * 2).sum()


def used_twice() -> Tensor:
    weight = torch.ones(1, requires_grad=True)
    y = weight * 2
    with torch.no_grad():
        z = y + y
    return (y * y + z * z).sum()


PROGRAMS = (
    layers,
    two_cuts_on_one_way,
    one_place_many_times,
    over_numpy_and_numbers,
    rebuilt_leaf,
    used_twice,
)


def flow_of(program: Callable[[], Tensor]) -> Flow:
    with recording() as made:
        program().backward()
    run = Run(made.snapshots[:1])
    scene = run.scenes[0]
    return Flow(scene, run.roots(scene, scene.backwards))


@pytest.fixture(params=PROGRAMS, ids=lambda program: program.__name__)
def flow(request: pytest.FixtureRequest) -> Flow:
    return flow_of(request.param)


class Thorough(_Search):
    """Looks at every call."""

    def _lost(self) -> set[int]:
        return set(self.flow.calls)


def test_the_same_cuts_come_first(flow: Flow) -> None:
    everything, walked = Thorough(flow).run(), _Search(flow).run()

    assert everything[0] == walked[0]
    assert {value: mask for value, mask in everything[1].items() if mask} == walked[1]


def test_the_calls_that_use_a_value_are_known(flow: Flow) -> None:
    for value in range(len(flow.scene.producer)):
        uses = [call for call in flow.calls for source in flow.sources[call] if source == value]
        assert flow.consumers.of(value) == uses


def test_every_program_but_one_has_a_cut() -> None:
    assert [program for program in PROGRAMS if not flow_of(program).groups] == [layers]
