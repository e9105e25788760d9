"""What a backward has left in the leaves, and how far their optimizers would move them with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.optim import SGD, Adam, AdamW, Optimizer

from gradtui.debuggee.figures import pieces, vector_norm
from gradtui.debuggee.optimizer_record import tensors_in
from gradtui.debuggee.readings import Depth, fetched, plain, summaries, take, undisturbed
from gradtui.model.gradients import Learnt

Update = Callable[[Mapping[str, Any], Mapping[str, Any], Sequence[Tensor]], Tensor]
"""From a group, a tensor's state, and pieces of it, of its gradient and of what counts of the state."""


def learnt(leaves: Sequence[tuple[int, Tensor]], optimizers: Iterable[Optimizer]) -> tuple[Learnt, ...]:
    """For each of these tensors, by identity, that has a gradient what it is, and what it would do."""
    owners = {
        id(tensor): (optimizer, group)
        for optimizer in optimizers
        for group in optimizer.param_groups
        for tensor in tensors_in(group) or ()
    }
    with undisturbed():
        got = [(number, tensor, tensor.grad) for number, tensor in leaves if tensor.grad is not None]
        grads = [take(grad, Depth.FIGURES) for _, _, grad in got]
        weights = [take(tensor.detach(), Depth.FIGURES) for _, tensor, _ in got]
        updates = fetched(
            [_update(tensor, grad, *owners.get(id(tensor), (None, {}))) for _, tensor, grad in got]
        )
    found = []
    for (number, _, _), told, update in zip(
        got, summaries(zip(grads, weights, strict=True)), updates, strict=True
    ):
        grad, weight = told
        if grad is not None and weight is not None:
            ratio = None if update is None or not weight.norm else update / weight.norm
            found.append(Learnt(number, grad, weight.norm, ratio))
    return tuple(found)


def _update(
    tensor: Tensor, grad: Tensor | None, optimizer: Optimizer | None, group: Mapping[str, Any]
) -> Tensor | None:
    """The norm of the step that an optimizer would take with this gradient; None where that isn't known."""
    kind = type(optimizer)
    if optimizer is None or grad is None or kind not in RULES or grad.layout is not torch.strided:
        return None
    if isinstance(group["lr"], Tensor) or grad.is_complex() or plain(grad) is None:
        return None
    names, rule = RULES[kind]
    state: Mapping[str, Any] = optimizer.state.get(tensor, {})  # `state[tensor]` would make one
    parts = [pieces(tensor.detach()), pieces(grad.detach())]
    parts += [pieces(state[name]) for name in names if isinstance(state.get(name), Tensor)]
    try:
        norms = [
            vector_norm(rule(group, state, part), dtype=torch.float32) for part in zip(*parts, strict=True)
        ]
        norm: Tensor = vector_norm(torch.stack(norms)) * abs(group["lr"])
        return norm
    except (RuntimeError, TypeError, KeyError, ValueError):
        return None  # a state of another shape than torch's own has


def _sgd(group: Mapping[str, Any], _: Mapping[str, Any], part: Sequence[Tensor]) -> Tensor:
    weight, grad, *buffers = part
    if group["maximize"]:
        grad = -grad
    if group["weight_decay"]:
        grad = grad + group["weight_decay"] * weight
    momentum = group["momentum"]
    if not momentum:
        return grad
    moving = momentum * buffers[0] + (1 - group["dampening"]) * grad if buffers else grad
    return grad + momentum * moving if group["nesterov"] else moving


def _adam(group: Mapping[str, Any], state: Mapping[str, Any], part: Sequence[Tensor]) -> Tensor:
    weight, grad, *averages = part
    if group["maximize"]:
        grad = -grad
    decoupled = group.get("decoupled_weight_decay", False)
    decay = group["weight_decay"]
    if decay and not decoupled:
        grad = grad + decay * weight
    first, second = averages[:2] if averages else (0.0, 0.0)
    beta1, beta2 = group["betas"]
    step = state["step"] + 1 if averages else 1
    mean = beta1 * first + (1 - beta1) * grad
    square = beta2 * second + (1 - beta2) * grad * grad
    if group["amsgrad"] and len(averages) > 2:
        square = torch.maximum(square, averages[2])
    moved: Tensor = mean / (1 - beta1**step) / ((square / (1 - beta2**step)).sqrt() + group["eps"])
    if decay and decoupled:
        moved = moved + decay * weight
    return moved


ADAM = ("exp_avg", "exp_avg_sq", "max_exp_avg_sq")
RULES: dict[type, tuple[tuple[str, ...], Update]] = {
    SGD: (("momentum_buffer",), _sgd),
    Adam: (ADAM, _adam),
    AdamW: (ADAM, _adam),
}
"""For each optimizer that is known what of its state counts, and how it moves a tensor for a rate of 1."""
