"""An optimizer is built anew for every stage, and the iterator that it is given is empty from the second on."""
import torch
from torch import nn

torch.manual_seed(0)
body, head = nn.Linear(4, 8), nn.Linear(8, 1)
learnt = (p for p in body.parameters() if p.requires_grad)


def optimizer_for(rate):
    groups = [{"params": learnt, "lr": rate}, {"params": head.parameters(), "lr": 10 * rate}]
    return torch.optim.SGD(groups)  # <- optimizer_mismatch


for rate in (0.02, 0.01, 0.005):
    optimizer = optimizer_for(rate)
    for _ in range(3):
        x = torch.randn(8, 4)
        loss = (head(body(x).relu()) - x[:, :1]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
