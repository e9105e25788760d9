"""How parameters are named: without their model where that is clear, and all of one model in one way."""

from __future__ import annotations

import gc
from collections import OrderedDict

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

from gradtui.diagnosis.owners import Owners
from gradtui.model.owners import Role
from gradtui.model.stops import StopKind
from gradtui.model.trace import ValueFlag
from tests.debuggee.recording import recording, seen


def names(left: nn.Module, right: nn.Module) -> list[str]:
    """What parameters of two models are called at a backward of both."""
    with recording() as made:
        (left(torch.ones(2)) + right(torch.ones(2))).sum().backward()
    return [parameter.name for parameter in made.snapshots[0].parameters]


def test_models_that_share_one_name_are_told_apart_by_their_own_in_all_of_theirs() -> None:
    found = names(nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2)))

    assert found == [
        "left.0.weight",
        "left.0.bias",
        "right.0.weight",
        "right.1.weight",
        "right.1.bias",
    ]


def test_leaves_and_optimizers_that_a_plain_object_holds_have_its_name_before_theirs() -> None:
    class Points:
        def __init__(self) -> None:
            self.place = torch.ones(2, requires_grad=True)
            self.optimizer = torch.optim.SGD([self.place], lr=0.1)

        def __getattribute__(self, name: str) -> object:
            asked.append(name)
            return super().__getattribute__(name)

    asked: list[str] = []
    with recording() as made:
        points = Points()
        points.place.sum().backward()
        points.optimizer.step()

    (found,) = made.snapshots[-1].parameters
    assert found.names == ("points.place",)
    assert [one.name for one in made.snapshots[-1].optimizers] == ["points.optimizer"]
    assert asked == ["place", "place", "optimizer"]  # by the program itself


def test_models_that_share_no_name_are_not_named_before_their_parameters() -> None:
    found = names(nn.Sequential(nn.Linear(2, 2)), nn.Sequential(OrderedDict(head=nn.Linear(2, 2))))

    assert found == ["0.weight", "0.bias", "head.weight", "head.bias"]


def test_a_single_layer_beside_a_model_is_named_before_its_parameters_and_alone_it_is_not() -> None:
    found = names(nn.Sequential(nn.Linear(2, 2)), nn.Linear(2, 2, bias=False))
    assert found == ["0.weight", "0.bias", "right.weight"]

    layer = nn.Linear(2, 2, bias=False)
    assert names(layer, layer) == ["weight"]


def test_layers_that_outlive_their_model_keep_the_names_that_they_had_in_it() -> None:
    def program() -> None:
        model = nn.Sequential(*(spectral_norm(nn.Linear(3, 3)) for _ in range(2)))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            model(torch.ones(2, 3)).sum().backward()
            optimizer.step()

    snapshots = seen(program, check=True)
    gc.collect()  # of such layers, which hold themselves
    left = {one.name.partition(".")[0] for one in snapshots[-1].parameters if "original" in one.name}
    assert left == {"ParametrizedLinear"}  # by then the model is gone, and parametrized layers are not
    names = [one.name for one in Owners(snapshots).parameters.values() if "original" in one.name]
    assert names == [f"{place}.parametrizations.weight.original" for place in (0, 1)]


def test_a_view_that_is_made_without_gradients_is_nothing_that_could_learn() -> None:
    layer = nn.Linear(2, 3)
    with recording() as made:
        h = layer(torch.ones(4, 2))
        with torch.no_grad():
            flat = h.flatten()
        assert flat.requires_grad
        assert flat.is_leaf
        (h.sum() + flat.sum()).backward()
    snapshot = made.snapshots[-1]
    assert [one.names for one in snapshot.parameters if one.role is Role.LEAF] == []
    trace = snapshot.trace
    (value,) = [trace.outputs[call.index][0] for call in trace.calls() if call.name == "flatten"]
    assert trace.value(value).flags & ValueFlag.APART
    assert not trace.value(value).flags & ValueFlag.REQUIRES_GRAD
    assert trace.value(value).requires_grad


def test_what_a_recurrent_module_lists_for_itself_is_no_second_name_of_its_weights() -> None:
    rnn = nn.GRU(2, 3)
    with recording() as made:
        rnn(torch.ones(1, 2))[0].sum().backward()
    found = [parameter.names for parameter in made.snapshots[0].parameters]

    assert found == [(name,) for name, _ in rnn.named_parameters()]


def test_a_weight_that_two_modules_share_has_both_names() -> None:
    model = nn.Sequential(nn.Linear(2, 2, bias=False), nn.Linear(2, 2, bias=False))
    model[1].weight = model[0].weight
    with recording() as made:
        model(torch.ones(2)).sum().backward()

    assert [parameter.names for parameter in made.snapshots[0].parameters] == [("0.weight", "1.weight")]


def test_a_module_that_two_modules_share_has_its_other_path_too() -> None:
    shared = nn.Linear(2, 2)
    model = nn.ModuleDict({"one": nn.Sequential(shared), "other": nn.Sequential(nn.ReLU(), shared)})
    with recording() as made:
        model["other"](model["one"](torch.ones(2))).sum().backward()

    also = {module.name: module.also for module in made.snapshots[0].modules if module.also}
    assert also in ({"one.0": ("other.1",)}, {"other.1": ("one.0",)})


def test_all_of_a_hundred_modules_in_a_plain_list_are_its_modules() -> None:
    class Model(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layers = [nn.Linear(1, 1, bias=False) for _ in range(100)]

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            for layer in self.layers:
                x = layer(x)
            return x

    model = Model()
    with recording() as made:
        model(torch.ones(1)).sum().backward()

    found = [parameter.name for parameter in made.snapshots[0].parameters]
    assert found == [f"layers.{number}.weight" for number in range(100)]
    assert not any(module.registered for module in made.snapshots[0].modules if module.name)


def test_models_and_optimizers_keep_their_names_when_the_function_that_named_them_has_ended() -> None:
    kept: list[object] = []

    def train() -> None:
        first, second = nn.Sequential(nn.Linear(2, 2)), nn.Sequential(nn.Linear(2, 2))
        descent = torch.optim.SGD([*first.parameters(), *second.parameters()], lr=0.1)
        second(first(torch.ones(2))).sum().backward()
        kept.extend((first, second, descent))

    snapshots = seen(train)
    train_ended = snapshots[-1]

    assert train_ended.stop.kind is StopKind.END
    assert [one.name for one in train_ended.optimizers] == ["descent"]
    assert {one.name for one in train_ended.parameters} == {
        f"{model}.0.{tensor}" for model in ("first", "second") for tensor in ("weight", "bias")
    }


def test_for_how_long_a_rate_was_zero_is_told_by_turns_and_also_of_an_optimizer_that_is_gone() -> None:
    def train(net: nn.Module) -> None:
        optimizer = torch.optim.SGD([{"params": [one], "lr": 0.1} for one in net.parameters()])
        for rate in (0.0, 0.0, 0.2, 0.0):
            optimizer.param_groups[0]["lr"] = rate
            net(torch.ones(2)).sum().backward()
            optimizer.step()

    net = nn.Linear(2, 2)
    with recording() as made:
        train(net)
        net(torch.ones(2)).sum().backward()
    (last,) = made.snapshots[-1].optimizers

    assert last.tensors == frozenset()
    assert last.turns == ((2, 1, 1), (0, 4))


def test_models_that_a_function_is_given_under_one_name_have_those_that_they_were_made_under() -> None:
    def train(model: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        model(torch.ones(2)).sum().backward()
        optimizer.step()

    def program() -> None:
        actor, critic = nn.Sequential(nn.Linear(2, 1)), nn.Sequential(nn.Linear(2, 1))
        of_actor, of_critic = (torch.optim.SGD(one.parameters(), lr=0.1) for one in (actor, critic))
        train(actor, of_actor)
        train(critic, of_critic)

    first = seen(program)[0]

    assert {one.name.partition(".")[0] for one in first.parameters} == {"actor", "critic"}
    assert [one.name for one in first.optimizers] == ["of_actor", "of_critic"]
