import torch
import torch.nn as nn
import torch.nn.functional as F

from finetune import freeze_except, Wrapped


def net():
    body = nn.Sequential()
    body.add_module("stem", nn.Linear(8, 16))
    body.add_module("act", nn.GELU())
    body.add_module("head", nn.Linear(16, 2))
    return body


def run(steps=5):
    torch.manual_seed(0)
    model = Wrapped(net(), scale=torch.linspace(0.5, 2.0, 8))
    freeze_except(model, "head")
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    for step in range(steps):
        x = torch.randn(16, 8)
        loss = F.cross_entropy(model(x), (x[:, 0] > x[:, 1]).long())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step} loss {loss.item():.4f}")


if __name__ == "__main__":
    run()
