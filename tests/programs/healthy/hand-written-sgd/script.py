import math

import torch

torch.manual_seed(0)


def parameter(*shape):
    """A leaf of its own; scaled before requires_grad is set."""
    w = torch.randn(*shape) / math.sqrt(shape[0])
    return w.requires_grad_()


params = {"w1": parameter(2, 32), "b1": torch.zeros(32, requires_grad=True), "w2": parameter(32, 1)}
params["b2"] = torch.zeros(1, requires_grad=True)


def predict(x):
    h = (x @ params["w1"] + params["b1"]).clamp(min=0)
    return (h @ params["w2"] + params["b2"]).squeeze(1)


def data(n):
    x = torch.rand(n, 2) * 4 - 2
    return x, torch.sin(x[:, 0]) * x[:, 1]


lr, decay = 0.05, 1e-4
for step in range(60):
    x, y = data(64)
    loss = ((predict(x) - y) ** 2).mean()
    loss.backward()
    with torch.no_grad():
        for name, p in params.items():
            if name.startswith("w"):
                p.grad += decay * p
            p -= lr * p.grad
            p.grad.zero_()
    if step % 15 == 0:
        print(f"step {step:2d} loss {loss.item():.4f}")

x, y = data(200)
with torch.no_grad():
    print(f"test {((predict(x) - y) ** 2).mean().item():.4f}")
