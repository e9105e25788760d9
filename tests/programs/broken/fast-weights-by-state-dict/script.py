import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


def build():
    return nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 1))


def adapt(model, x, y, lr):
    """One inner step; the graph is kept for the outer gradient."""
    names, params = zip(*model.named_parameters())
    grads = torch.autograd.grad(F.mse_loss(model(x), y), params, create_graph=True)
    return {name: p - lr * g for name, p, g in zip(names, params, grads)}


def evaluate(model, fast, x, y):
    clone = copy.deepcopy(model)
    clone.load_state_dict(fast)
    return F.mse_loss(clone(x), y)


def sine_task(shots=10):
    amplitude, phase = 0.5 + torch.rand(1), 3.14 * torch.rand(1)
    x = 4 * torch.rand(2, shots, 1) - 2
    return x, amplitude * torch.sin(x + phase)


def main(steps=8, tasks=3, inner_lr=0.05):
    torch.manual_seed(0)
    model = build()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(steps):
        losses = []
        for _ in range(tasks):
            (xs, xq), (ys, yq) = sine_task()
            losses.append(evaluate(model, adapt(model, xs, ys, inner_lr), xq, yq))
        loss = torch.stack(losses).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step} query loss {loss.item():.4f}")


main()
