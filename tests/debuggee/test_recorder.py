"""What a trace tells of the calls that a program made, and that nothing of the program is changed or kept."""

from __future__ import annotations

import gc
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.autograd import Variable
from torch.nn import functional as F
from torch.optim.optimizer import _global_optimizer_post_hooks, _global_optimizer_pre_hooks
from torch.overrides import TorchFunctionMode
from torch.utils.checkpoint import checkpoint

from gradtui.debuggee import sites as sites_module
from gradtui.debuggee.quiet import Quiet
from gradtui.model.owners import GradState
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import StopKind
from gradtui.model.trace import Call, CallFlag, Kind, ValueFlag
from gradtui.model.unseen import IN_ANOTHER_THREAD
from tests.debuggee.recording import recording, seen

Property = Callable[[str, object], None]

HERE = str(Path(__file__).resolve())


def last(program: Callable[[], object]) -> Snapshot:
    return seen(program)[-1]


def calls(snapshot: Snapshot, name: str) -> list[Call]:
    return [call for call in snapshot.trace.calls() if call.function == name]


def line_of(text: str) -> int:
    """The line of this file on which some text stands first."""
    lines = Path(HERE).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def expression(call: Call) -> str:
    site = call.site
    line = Path(site.file).read_text(encoding="utf-8").splitlines()[site.line - 1]
    return line[site.column : site.end_column]


# places


def test_a_call_is_placed_at_the_very_expression() -> None:
    def program() -> None:
        kept.append(torch.relu(torch.ones(2)) * 3)

    kept: list[Tensor] = []
    snapshot = last(program)
    assert [expression(call) for call in calls(snapshot, "torch.relu")] == ["torch.relu(torch.ones(2))"]
    assert [expression(call) for call in calls(snapshot, "Tensor.mul")] == ["torch.relu(torch.ones(2)) * 3"]


def test_columns_are_counted_in_characters_not_in_bytes() -> None:
    def program() -> None:
        kept["größe"] = torch.relu(torch.ones(2))

    kept: dict[str, Tensor] = {}
    assert [expression(call) for call in calls(last(program), "torch.relu")] == ["torch.relu(torch.ones(2))"]


def test_a_call_inside_a_library_is_placed_where_the_user_called_the_library() -> None:
    def program() -> None:
        kept.append(nn.Linear(2, 2)(torch.ones(2)))  # the call of the layer

    kept: list[Tensor] = []
    linear = calls(last(program), "F.linear")
    assert [(call.site.file, call.site.line) for call in linear] == [
        (HERE, line_of("# the call of the layer"))
    ]
    assert linear[0].site.user


@pytest.mark.parametrize(("package", "user"), [("torch", False), ("nobodys_package", True)])
def test_what_a_library_writes_and_loads_as_a_part_of_itself_is_not_the_users(
    package: str, user: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = ModuleType(f"{package}.generated")
    module.__file__ = str(tmp_path / "generated.py")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert sites_module.Sites().is_user_file(module.__file__) is user


@pytest.mark.parametrize(
    ("folder", "user"),
    [("lib/python3.11/site-packages", False), ("python3/dist-packages", False), ("my-site-packages", True)],
)
def test_packages_are_installed_wherever_their_folder_is(folder: str, user: bool, tmp_path: Path) -> None:
    assert sites_module.Sites().is_user_file(str(tmp_path / folder / "layers" / "attention.py")) is user


def test_a_call_in_a_text_that_is_evaluated_is_placed_where_the_user_evaluates_it() -> None:
    def program() -> None:
        kept.append(eval(compile("torch.relu(torch.ones(2))", "<formula>", "eval")))  # the evaluation

    kept: list[Tensor] = []
    relu = calls(last(program), "torch.relu")
    assert [(call.site.file, call.site.line) for call in relu] == [(HERE, line_of("# the evaluation"))]
    assert relu[0].site.user


def test_a_cut_keeps_its_whole_stack_without_frames_of_ours() -> None:
    def helper(x: Tensor) -> Tensor:
        return x.detach()

    def program() -> None:
        kept.append(helper(torch.ones(2, requires_grad=True)))

    kept: list[Tensor] = []
    (cut,) = calls(last(program), "Tensor.detach")
    names = [site.function.rsplit(".", 1)[-1] for site in cut.stack]
    assert names[:2] == ["helper", "program"]
    assert not any(site.file.startswith(sites_module.OURS) for site in cut.stack)


def test_a_call_knows_the_module_whose_forward_made_it() -> None:
    def program() -> None:
        net = nn.Sequential(nn.Linear(2, 2), nn.ReLU())
        kept.extend([net, net(torch.ones(2))])

    kept: list[object] = []
    snapshot = last(program)
    (linear,) = calls(snapshot, "F.linear")
    assert snapshot.modules[linear.module].name == "0"
    assert snapshot.modules[linear.module].kind == "Linear"


# values


def test_what_went_in_came_out_of_earlier_calls() -> None:
    def program() -> None:
        a = torch.ones(2, requires_grad=True)
        kept.append((a * 2).sum())

    kept: list[Tensor] = []
    snapshot = last(program)
    (product,), (total,) = calls(snapshot, "Tensor.mul"), calls(snapshot, "Tensor.sum")
    assert list(total.inputs) == list(product.outputs)
    assert snapshot.trace.value(product.outputs[0]).shape == (2,)
    assert snapshot.trace.value(total.outputs[0]).requires_grad


def test_a_tensor_from_before_is_met_when_it_is_first_used() -> None:
    old = torch.ones(2, requires_grad=True)
    kept: list[Tensor] = []
    snapshot = last(lambda: kept.append(old * 2))
    (product,) = calls(snapshot, "Tensor.mul")
    assert snapshot.trace.value(product.inputs[0]).producer.kind is Kind.SEEN


def test_a_write_makes_a_new_value_of_the_same_tensor() -> None:
    def program() -> None:
        x = torch.zeros(2)
        x += 1
        kept.append(x)

    kept: list[Tensor] = []
    snapshot = last(program)
    (write,) = snapshot.trace.calls(Kind.WRITE)
    before, after = snapshot.trace.value(write.inputs[0]), snapshot.trace.value(write.outputs[0])
    assert (before.tensor, before.version, after.version) == (after.tensor, 0, 1)


def test_a_write_through_a_view_reaches_its_base() -> None:
    def program() -> None:
        base = torch.zeros(2, 2)
        base[0].fill_(1.0)
        kept.extend([base, base.sum()])

    kept: list[Tensor] = []
    snapshot = last(program)
    (total,) = calls(snapshot, "Tensor.sum")
    assert snapshot.trace.value(total.inputs[0]).producer.function == "Tensor.fill_"


def test_a_write_through_an_alias_is_found_at_the_next_use_of_the_other() -> None:
    def program() -> None:
        x = torch.zeros(2)
        view = x.view(2, 1)
        x.add_(1)  # the write
        kept.extend([x, view, view.sum()])

    kept: list[Tensor] = []
    snapshot = last(program)
    (total,) = calls(snapshot, "Tensor.sum")
    writer = snapshot.trace.value(total.inputs[0]).producer
    assert (writer.kind, writer.function, writer.site.line) == (
        Kind.WRITE,
        "Tensor.add_",
        line_of("# the write"),
    )


@pytest.mark.parametrize(
    ("name", "cut"),
    [
        ("Tensor.detach", lambda x: x.detach()),
        ("Tensor.data", lambda x: x.data),
        ("torch.argmax", lambda x: torch.argmax(x)),
        ("Tensor.long", lambda x: x.long()),
        ("Tensor.gt", lambda x: x > 0),
    ],
)
def test_what_drops_tracking_is_seen_to(name: str, cut: Callable[[Tensor], Tensor]) -> None:
    kept: list[Tensor] = []
    snapshot = last(lambda: kept.append(cut(torch.ones(2, requires_grad=True))))
    (call,) = calls(snapshot, name)
    assert snapshot.trace.value(call.inputs[0]).requires_grad
    assert not snapshot.trace.value(call.outputs[0]).requires_grad


# what leaves torch and comes back


def ties(program: Callable[[], object]) -> list[tuple[str, str, bool]]:
    trace = last(program).trace
    return [
        (trace.call(tie.source).function, trace.call(tie.target).function, tie.exact) for tie in trace.ties
    ]


def test_an_array_is_followed_by_its_memory() -> None:
    def program() -> None:
        array = torch.ones(2, requires_grad=True).detach().numpy()
        kept.append(torch.from_numpy(array[:1]))

    kept: list[Tensor] = []
    assert ties(program) == [("Tensor.numpy", "torch.from_numpy", True)]


def test_a_float_is_followed_by_its_identity() -> None:
    def program() -> None:
        weights = [torch.full((), 0.3, requires_grad=True).item() for _ in range(2)]
        kept.append(torch.tensor(weights))
        kept.append(torch.ones(2) * weights[0])

    kept: list[Tensor] = []
    assert ties(program) == [
        ("Tensor.item", "torch.tensor", True),
        ("Tensor.item", "torch.tensor", True),
        ("Tensor.item", "Tensor.mul", True),
    ]


def test_numbers_that_numpy_carried_along_are_only_likely_the_same() -> None:
    def program() -> None:
        array = torch.full((3,), 0.37, requires_grad=True).detach().numpy()
        kept.append(torch.tensor(np.concatenate([array, array])))

    kept: list[Tensor] = []
    assert ties(program) == [("Tensor.numpy", "torch.tensor", False)]


def test_equal_numbers_that_nobody_computed_prove_nothing() -> None:
    def program() -> None:
        torch.ones(3, requires_grad=True).detach().numpy()
        kept.append(torch.tensor([1.0, 0.0]))

    kept: list[Tensor] = []
    assert ties(program) == []


# flags, modes, gradients


def test_modes_and_who_switched_them_are_recorded() -> None:
    def program() -> None:
        x = torch.ones(2, requires_grad=True)
        with torch.no_grad():  # switched here
            kept.append(x * 2)
        with torch.inference_mode():
            kept.append(x * 3)

    kept: list[Tensor] = []
    snapshot = last(program)
    switches = [(call.detail, call.site.line) for call in snapshot.trace.calls(Kind.SWITCH)]
    assert switches[0] == (0, line_of("# switched here"))
    assert [detail for detail, _ in switches] == [0, 1, 2, 3]
    first, second = calls(snapshot, "Tensor.mul")
    assert not first.flags & 1
    assert second.flags & 2
    assert snapshot.trace.value(second.outputs[0]).flags & ValueFlag.INFERENCE


def test_flags_and_new_leaves_are_recorded() -> None:
    def program() -> None:
        h = torch.ones(2, requires_grad=True) * 2
        kept.extend([nn.Parameter(h), torch.ones(2).requires_grad_()])

    kept: list[Tensor] = []
    snapshot = last(program)
    (rebuilt,) = snapshot.trace.calls(Kind.PARAMETER)
    assert snapshot.trace.value(rebuilt.inputs[0]).producer.function == "Tensor.mul"
    assert [call.detail for call in snapshot.trace.calls(Kind.FLAG)] == [1]


def train(steps: int = 2, device: str = "cpu") -> tuple[nn.Module, list[float]]:
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.2), nn.ReLU(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
    losses = []
    for _ in range(steps):
        loss = F.mse_loss(net(torch.randn(5, 4, device=device)), torch.zeros(5, 1, device=device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return net, losses


def test_what_an_optimizer_wrote_is_a_new_value_of_its_parameters() -> None:
    snapshots = seen(train)
    step = next(s for s in snapshots if s.stop.kind is StopKind.STEP)
    (record,) = step.trace.calls(Kind.STEP)
    held = {tensor for group in step.optimizers[0].groups for tensor in group.tensors}
    assert {step.trace.value(value).tensor for value in record.outputs} == held


class Refusing(torch.optim.SGD):
    """Raises in its first step."""

    def step(self, closure: object = None) -> None:  # type: ignore[override]
        if not hasattr(self, "refused"):
            self.refused = True
            raise RuntimeError("out of memory")
        super().step()


def test_after_a_step_that_raised_the_recording_goes_on() -> None:
    def program() -> None:
        weight = nn.Parameter(torch.ones(3))
        optimizer = Refusing([weight], lr=0.1)
        for _ in range(2):
            optimizer.zero_grad()
            loss = (weight * 2).sum()
            loss.backward()
            try:
                optimizer.step()
            except RuntimeError:
                torch.cos(weight.detach())

    snapshot = last(program)

    assert len(calls(snapshot, "Tensor.mul")) == 2
    assert [call.kind for call in snapshot.trace.calls()].count(Kind.STEP) == 1


class Derived(torch.optim.SGD):
    """Does something of its own after its parent's step."""

    def step(self, closure: object = None) -> None:  # type: ignore[override]
        super().step()
        torch.cos(torch.ones(3))


def test_a_step_of_a_subclass_that_calls_its_parents_step_is_one_step() -> None:
    def program() -> None:
        weight = nn.Parameter(torch.ones(3))
        for kind in (torch.optim.SGD, Derived):  # torch wraps `SGD.step` when the first SGD is made
            optimizer = kind([weight], lr=0.1)
            (weight * 2).sum().backward()
            optimizer.step()
        torch.sin(weight)

    snapshot = last(program)

    assert [call.function for call in snapshot.trace.calls(Kind.STEP)] == ["SGD.step", "Derived.step"]
    assert not calls(snapshot, "torch.cos")
    assert len(calls(snapshot, "torch.sin")) == 1


def test_a_mode_of_the_programs_own_stays_on_while_an_optimizer_steps() -> None:
    met: list[object] = []

    class Mine(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            met.append(func)
            return func(*args, **(kwargs or {}))

    def program() -> None:
        weight = nn.Parameter(torch.ones(3))
        optimizer = torch.optim.SGD([weight], lr=0.1)
        (weight * 2).sum().backward()
        with Mine():
            met.clear()
            optimizer.step()
        (weight * 3).sum().backward()

    snapshot = last(program)

    assert Tensor.add_ in met
    assert len(calls(snapshot, "Tensor.mul")) == 2


def test_what_a_closure_computes_during_a_step_is_recorded() -> None:
    def program() -> None:
        weight = nn.Parameter(torch.ones(3))
        optimizer = torch.optim.SGD([weight], lr=0.1)

        def closure() -> Tensor:
            optimizer.zero_grad()
            loss = torch.exp(weight).sum()
            loss.backward()
            return loss

        optimizer.step(closure)

    assert len(calls(last(program), "torch.exp")) == 1


def test_clearing_gradients_is_one_record_for_all_of_them() -> None:
    snapshots = seen(lambda: train(3))
    (clear,) = {call.detail for call in snapshots[-1].trace.calls(Kind.CLEAR)}
    assert clear == 4


def test_gradients_set_to_zero_by_hand_are_cleared_ones() -> None:
    def program() -> None:
        w = torch.ones(2, requires_grad=True)
        (w * 2).sum().backward()
        assert w.grad is not None
        w.grad.zero_()
        w.grad = None
        kept.append(w)

    kept: list[Tensor] = []
    assert [call.detail for call in last(program).trace.calls(Kind.CLEAR)] == [1, 1]


def test_gradients_that_the_program_looks_at_are_recorded() -> None:
    def program() -> None:
        x, w = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
        (slope,) = torch.autograd.grad((x * w).sum(), inputs=[x], create_graph=True)
        slope.sum().backward()
        assert w.grad is not None
        kept.extend([x, w])

    kept: list[Tensor] = []
    snapshot = last(program)
    asked, read = snapshot.trace.calls(Kind.LOOKED)
    (product,) = calls(snapshot, "Tensor.mul")
    tensor = snapshot.trace.tensor

    assert (asked.detail, read.detail) == (1, 0)
    assert [tensor[value] for value in (*asked.inputs, *read.inputs)] == [tensor[v] for v in product.inputs]


def test_a_scaler_that_leaves_every_step_out_has_its_optimizer_judged_all_the_same() -> None:
    def program(nan_from: int) -> None:
        weight = nn.Parameter(torch.ones(3))
        optimizer = torch.optim.SGD([weight], lr=0.1)
        scaler = torch.amp.GradScaler("cpu", init_scale=4.0)
        for number in range(8):
            optimizer.zero_grad()
            factor = float("nan") if number >= nan_from else 1.0
            scaler.scale((weight * factor).sum()).backward()
            scaler.step(optimizer)
            scaler.update()

    def judged(nan_from: int) -> list[GradState]:
        found = {
            one.step: state
            for snapshot in seen(lambda: program(nan_from), check=True)
            for one in snapshot.judgements
            for state in one.states.values()
        }
        return [found[step] for step in sorted(found)]

    assert judged(8) == [GradState.PRESENT] * 8
    assert judged(6) == [GradState.PRESENT] * 6  # two left out may be a scaler's search for its scale
    assert judged(2)[:3] == [GradState.PRESENT, GradState.PRESENT, GradState.NONFINITE]


def test_the_calls_inside_a_custom_function_lie_inside_its_record() -> None:
    class Double(torch.autograd.Function):
        @staticmethod
        def forward(_: object, x: Tensor) -> Tensor:
            return x.mul(2)

        @staticmethod
        def backward(_: object, *grads: Tensor) -> Tensor:
            return grads[0] * 2

    kept: list[Tensor] = []

    def program() -> None:
        doubled: Callable[[Tensor], Tensor] = Double.apply
        kept.append(doubled(torch.ones(2, requires_grad=True)))

    snapshot = last(program)
    (function,) = snapshot.trace.calls(Kind.FUNCTION)
    assert function.function == "Double.apply"
    assert [snapshot.trace.call(index).function for index in function.inside] == ["Tensor.mul"]


def test_an_input_that_a_custom_function_gives_back_is_no_leaf() -> None:
    class Same(torch.autograd.Function):
        @staticmethod
        def forward(_: object, x: Tensor) -> Tensor:
            return x

        @staticmethod
        def backward(_: object, *grads: Tensor) -> Tensor:
            return grads[0]

    kept: list[Tensor] = []

    def program() -> None:
        same: Callable[[Tensor], Tensor] = Same.apply
        weight = torch.ones(2, requires_grad=True)
        kept.extend([weight, same(weight), same(weight * 2)])

    snapshot = last(program)
    values = map(snapshot.trace.value, range(snapshot.trace.values))
    leaves = [value for value in values if value.requires_grad and value.flags & ValueFlag.LEAF]
    assert [tensor.is_leaf for tensor in kept] == [True, False, False]
    assert len(leaves) == 1


def test_a_call_that_raised_is_recorded_with_what_it_was_given() -> None:
    snapshot = seen(lambda: F.linear(torch.ones(2, 3), torch.ones(2, 4)))[0]
    assert snapshot.raised is not None
    assert snapshot.trace.call(snapshot.raised.call).function == "F.linear"
    assert [snapshot.trace.value(v).shape for v in snapshot.trace.call(snapshot.raised.call).inputs] == [
        (2, 3),
        (2, 4),
    ]


def test_a_call_knows_whether_autocast_was_on_however_it_was_switched() -> None:
    said: list[bool] = []

    def step(x: Tensor) -> Tensor:
        said.append(torch._C._is_any_autocast_enabled())
        return torch.relu(x)

    @torch.autocast("cpu", dtype=torch.bfloat16)  # type: ignore[untyped-decorator]
    def decorated(x: Tensor) -> Tensor:
        return step(x)

    def program() -> None:
        x = step(torch.ones(2, requires_grad=True))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x = step(x)
            with torch.autocast("cpu", enabled=False):
                x = step(x)
            x = step(x)
        x = decorated(step(x))
        with suppress(ZeroDivisionError), torch.autocast("cpu", dtype=torch.bfloat16):
            raise ZeroDivisionError
        x = step(x)
        torch.set_autocast_enabled("cpu", True)
        x = step(x)
        torch.set_autocast_enabled("cpu", False)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            x = checkpoint(step, x, use_reentrant=False)
        step(x).sum().backward()

    relus = calls(last(program), "torch.relu")
    assert [bool(call.flags & CallFlag.AUTOCAST) for call in relus] == said
    assert [bool(call.flags & CallFlag.BACKWARD) for call in relus][-1]
    assert set(said) == {True, False}


def test_a_variable_is_made_of_a_tensor_in_its_memory_and_without_its_history() -> None:
    kept: list[Any] = []

    def program() -> None:
        hidden = torch.ones(2, requires_grad=True) * 2
        old = Variable(hidden, requires_grad=True)
        kept.extend([hidden, old, Variable(torch.zeros(3)), Variable()])
        with torch.no_grad():
            hidden.mul_(3)
        kept.append(old + 1)

    last_one = last(program)
    trace = last_one.trace
    made, _ = calls(last_one, "torch.autograd.Variable")
    (came,), (new,) = made.inputs, made.outputs
    plain = kept[0].detach()

    assert (made.kind, made.site.line) == (Kind.REENTRY, line_of("old = Variable(hidden"))
    assert trace.value(came).flags & ValueFlag.REQUIRES_GRAD
    assert trace.value(new).flags & ValueFlag.LEAF
    assert trace.storage[came] == trace.storage[new]
    assert kept[1].data_ptr() == plain.data_ptr()
    assert kept[1]._version == plain._version
    assert kept[1].is_leaf
    assert isinstance(kept[2], Variable)
    assert not kept[2].requires_grad
    assert kept[3].numel() == 0
    (added,) = calls(last_one, "Tensor.add")
    written = calls(last_one, "Tensor.mul_")[-1]
    assert list(written.outputs) == list(added.inputs)
    assert written.site.line == line_of("hidden.mul_(3)")


# what must not change


def state() -> tuple[object, ...]:
    return (
        nn.Module.__call__,
        nn.Module.zero_grad,
        nn.Parameter.__new__,
        "__new__" in vars(Variable),
        torch.distributed.all_gather,
        *(vars(torch._functorch.vmap)[name] for name in ("_add_batch_dim", "_remove_batch_dim")),
        torch.from_numpy,
        torch.autograd.Function.__dict__["apply"],
        torch.autograd.graph.saved_tensors_hooks.__enter__,
        torch.inference_mode.__enter__,
        torch.set_autocast_enabled,
        torch.optim.Optimizer.__init__,
        torch.optim.Optimizer.zero_grad,
        torch.amp.GradScaler.step,
        vars(torch.autograd)["_engine_run_backward"],
        vars(torch.autograd.graph)["_engine_run_backward"],
        warnings._showwarnmsg,  # type: ignore[attr-defined]
        dict(_global_optimizer_pre_hooks),
        dict(_global_optimizer_post_hooks),
        torch._C._len_torch_function_stack(),
        torch.is_grad_enabled(),
    )


def test_everything_is_taken_out_again() -> None:
    before = state()
    with recording(check=True):
        assert state() != before
        train()
    assert state() == before


@pytest.mark.parametrize("check", [False, True])
def test_a_training_run_is_the_same_bit_for_bit(check: bool) -> None:
    plain, losses = train(4)
    after = torch.get_rng_state()
    with recording(check=check):
        watched, watched_losses = train(4)
    assert watched_losses == losses
    assert torch.equal(torch.get_rng_state(), after)
    for ours, theirs in zip(watched.parameters(), plain.parameters(), strict=True):
        assert torch.equal(ours, theirs)
        assert ours.grad is not None
        assert theirs.grad is not None
        assert torch.equal(ours.grad, theirs.grad)
        assert not ours._backward_hooks


def tensors() -> list[Tensor]:
    gc.collect()
    return [item for item in gc.get_objects() if issubclass(type(item), Tensor)]


def living(before: list[Tensor]) -> tuple[int, int]:
    """How many tensors there are that weren't there before, and how many bytes they hold."""
    old = {id(item) for item in before}
    found = [item for item in tensors() if id(item) not in old]
    return len(found), sum(item.untyped_storage().nbytes() for item in found)


def test_no_tensor_lives_longer_because_it_was_recorded() -> None:
    def loop() -> tuple[int, int]:
        before = tensors()  # held meanwhile: what other tests left mustn't die now and be counted
        net, x = nn.Linear(64, 64), torch.ones(64)
        for _ in range(50):
            h = x
            for _ in range(5):
                h = torch.relu(net(h)) * h.sum().item()
            h.sum().backward()
        assert all(
            parameter.grad is not None for parameter in net.parameters()
        )  # seen by Python, and so counted
        return living(before)

    plain = loop()
    with recording():
        watched = loop()
    assert watched == plain


def test_a_trace_stays_bounded_over_ten_thousand_steps(record_property: Property) -> None:
    def run(steps: int) -> tuple[int, int]:
        with recording(stop_at="1000000") as made:
            w = torch.ones(4, requires_grad=True)
            optimizer = torch.optim.SGD([w], lr=1e-6)
            running = torch.zeros(())
            for _ in range(steps):
                loss = (w * 2).sum()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                running = 0.9 * running + 0.1 * loss.detach()
            made.stops.full()
            tape = made.stops.recorder.tape
            return len(tape), len(tape.keys)

    few, many = run(100), run(10_000)
    record_property("calls and keys kept after 100 and after 10,000 steps", (few, many))
    assert many[0] <= 50_000  # the calls of late, and the newest ancestors of the running mean
    assert many[1] == few[1]


def test_a_trace_stays_bounded_over_half_a_million_calls_without_a_backward(
    record_property: Property,
) -> None:
    with recording() as made:
        w, x = torch.ones(1, requires_grad=True), torch.ones(1)
        with torch.no_grad():
            for _ in range(250_000):
                x = (x + w) * 0.5
        tape = made.stops.recorder.tape
        record_property(f"calls kept of {tape.next_order}", len(tape))
        assert tape.next_order >= 500_000
        assert len(tape) <= 200_000


def test_what_optimizers_write_is_dropped_too_though_they_make_few_calls() -> None:
    with recording() as made:
        recorder = made.stops.recorder
        weights = [nn.Parameter(torch.ones(1)) for _ in range(1_000)]
        optimizer = torch.optim.SGD(weights, lr=0.1)
        for weight in weights:
            weight.grad = torch.ones(1)
        for _ in range(200):
            recorder.grow_at = 10_000  # the first compaction asks for the next one much later
            optimizer.step()
            torch.ones(1)
        assert len(recorder.tape.meta) < 100_000  # 200,000 were made


def adding_and_writing(x: Tensor) -> None:
    (x + 1).add_(1)


def giving_two(x: Tensor) -> None:
    x.max(dim=0)


def writing(x: Tensor) -> None:
    x.add_(1)


@pytest.mark.parametrize("body", [adding_and_writing, giving_two, writing])
def test_whatever_a_program_calls_the_tape_is_compacted_and_the_viewer_is_heard(
    body: Callable[[Tensor], None],
) -> None:
    ticks: list[int] = []
    with recording() as made:
        recorder, x = made.stops.recorder, torch.ones(3)
        recorder.on_tick = lambda _: ticks.append(len(recorder.tape))
        made.stops.step_orders.append(0)
        for _ in range(4_000):
            recorder.grow_at = 2_000  # the same
            body(x)
        assert len(recorder.tape) < 4_000
        assert len(ticks) > 4_000 // 100


def test_saved_tensor_hooks_are_never_woken() -> None:
    unpacked: list[int] = []

    def unpack(tensor: Tensor) -> Tensor:
        unpacked.append(1)
        return tensor

    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t, unpack):
            y = torch.exp(x)
        y.detach().add_(1)
        kept.append(y.sum())
        with pytest.raises(ZeroDivisionError):
            1 / 0  # noqa: B018
        kept[-1].backward()

    kept: list[Tensor] = []
    with recording(check=True) as made:
        handler = made.stops.recorder.handlers
        assert handler
        program()
    assert len(unpacked) == 1  # backward's own


def test_saved_tensor_hooks_are_not_woken_while_they_are_in_force_or_around_others() -> None:
    unpacked: list[int] = []

    def unpack(tensor: Tensor) -> Tensor:
        unpacked.append(1)
        return tensor

    def program() -> None:
        x = torch.ones(3, requires_grad=True)
        with torch.autograd.graph.saved_tensors_hooks(lambda t: t, unpack):
            first = torch.exp(x)
            for _ in range(2):
                with torch.autograd.graph.saved_tensors_hooks(lambda t: t, lambda t: t):
                    torch.cos(x)
            last = torch.exp(x)
            inside = torch.exp(x)
            inside.detach().add_(1)
            inside.sum().backward()
        for made in (first, last):
            made.detach().add_(1)
            made.sum().backward()

    with recording(check=True) as made:
        program()
        assert not made.stops.recorder.fault
    assert len(unpacked) == 3  # backward's own


def test_a_checkpoint_is_recomputed_once_and_not_for_us() -> None:
    runs: list[int] = []

    def block(x: Tensor) -> Tensor:
        runs.append(1)
        return torch.exp(x).sin()

    with recording(check=True):
        x = torch.ones(3, requires_grad=True)
        torch.utils.checkpoint.checkpoint(block, x, use_reentrant=False).sum().backward()
    assert len(runs) == 2


def test_a_fault_of_ours_ends_the_recording_and_not_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    old = torch.ones(2)
    with recording() as made:
        recorder = made.stops.recorder
        monkeypatch.setattr(recorder, "see", lambda *_: 1 / 0)
        result = torch.relu(old * 2) + 1
        assert result.tolist() == [3.0, 3.0]
    assert "ZeroDivisionError" in recorder.fault


def test_what_torch_warns_of_while_something_is_looked_at_is_no_warning_of_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    y = torch.ones(2, requires_grad=True) * 2
    with recording() as made, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        monkeypatch.setattr(made.stops.judge, "leaves", lambda tensors: [True] * len(tensors))
        made.stops.recorder.quiet = Quiet.ALL
        with torch._C.DisableTorchFunction():
            made.stops.judge.state(y)
        assert caught == []
        y.grad  # noqa: B018  # the program's own
    assert [one.filename for one in caught] == [HERE]


def test_what_was_warned_of_once_is_not_warned_of_again_when_a_new_function_is_met() -> None:
    def warn() -> None:
        warnings.warn("only once for this line", stacklevel=1)

    with warnings.catch_warnings(record=True) as caught, recording():
        warnings.simplefilter("default")
        for function in (torch.sinh, torch.cosh, torch.tanh):
            function(torch.ones(2))
            warn()
    assert len(caught) == 1


def test_a_warning_of_torch_names_the_line_of_the_program() -> None:
    y = torch.ones(2, requires_grad=True) * 2
    with recording(), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        y.grad  # noqa: B018  # the warned line
        F.softmax(y)
    assert (caught[0].filename, caught[0].lineno) == (HERE, line_of("# the warned line"))
    assert caught[1].filename == HERE


def test_what_another_thread_computes_is_said_not_to_be_seen() -> None:
    with recording() as made:
        thread = threading.Thread(target=lambda: nn.Linear(2, 2)(torch.ones(2)))
        thread.start()
        thread.join()
        made.watching.ended(0)
    # Other processes that tests before this one have run may be told of beside it.
    assert IN_ANOTHER_THREAD in made.snapshots[-1].unseen
    assert not calls(made.snapshots[-1], "F.linear")


def test_a_subclass_is_asked_for_what_the_program_does_and_for_nothing_more() -> None:
    asked: list[str] = []

    class Logging(Tensor):
        @classmethod
        def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            asked.append(func.__name__)
            return super().__torch_function__(func, types, args, kwargs or {})  # type: ignore[no-untyped-call]

    def program() -> None:
        net = nn.Linear(2, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        given = torch.ones(2).as_subclass(Logging)
        for _ in range(2):
            out = net(given + 1)
            out += 1
            one, other = torch.ones(4).as_subclass(Logging).chunk(2)
            loss = out.sum() + torch.cat([one, other]).detach().sum()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    program()
    alone = asked.copy()
    asked.clear()
    seen(program, check=True)

    assert asked == alone


def test_containers_of_the_programs_own_are_looked_through_without_their_own_ways() -> None:
    class Lazy(dict[str, object]):
        def values(self) -> Any:
            raise KeyError("nothing is loaded yet")

    class Shut(list[object]):
        def __iter__(self) -> Any:
            raise KeyError("nobody looks in here")

    class Twice(torch.autograd.Function):
        @staticmethod
        def forward(_ctx: Any, x: Tensor, _options: object) -> Tensor:
            return 2 * x

        @staticmethod
        def backward(_ctx: Any, *grads: Tensor) -> Any:
            return 2 * grads[0], None

    def program() -> None:
        x = torch.ones(2, requires_grad=True)
        for options in (Lazy(a=1), Shut([1])):
            Twice.apply(x, options).sum().backward()  # type: ignore[no-untyped-call]

    assert not last(program).unseen


def test_what_torch_refuses_is_refused_in_its_words() -> None:
    def refused() -> list[str]:
        said = []
        for call in (
            lambda: torch.from_numpy(),  # type: ignore[call-arg]
            lambda: torch.from_numpy(ndarray=np.ones(2)),
            lambda: nn.Parameter(torch.ones(2), foo=1),  # type: ignore[call-arg]
        ):
            with pytest.raises(TypeError) as caught:
                call()  # type: ignore[no-untyped-call]
            said.append(str(caught.value))
        return said

    alone, found = refused(), list[str]()
    seen(lambda: found.extend(refused()))

    assert found == alone


def test_a_profile_of_a_program_that_nobody_checks_shows_of_ours_the_number_of_its_loss_alone() -> None:
    def operators() -> list[str]:
        net = nn.Linear(2, 1)
        optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
        with torch.profiler.profile() as profile:
            net(torch.ones(3, 2)).sum().backward()
            optimizer.step()
        return sorted({event.name for event in profile.events() if event.name.startswith("aten::")})

    alone, found = operators(), list[str]()
    seen(lambda: found.extend(operators()))

    assert {*found} - {*alone} == {"aten::item", "aten::_local_scalar_dense"}
