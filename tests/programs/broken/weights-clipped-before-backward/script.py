import torch
import torch.nn as nn

from constraints import constrained


@constrained(low=0.0, high=1.0, only="mix")
class MonotoneNet(nn.Module):
    def __init__(self, features=4, width=12):
        super().__init__()
        self.lift = nn.Linear(features, width)
        self.mix = nn.Linear(width, width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        h = torch.tanh(self.lift(x))
        h = torch.tanh(self.mix(h))
        return self.out(h).squeeze(1)


def fit(net, x, y, steps=12):
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for step in range(steps):
        optimizer.zero_grad()
        loss = (net(x) - y).abs().mean()
        loss.backward()
        optimizer.step()
    return loss.item()


if __name__ == "__main__":
    torch.manual_seed(0)
    x = torch.rand(64, 4)
    print(f"{fit(MonotoneNet(), x, x.sum(1).sqrt()):.4f}")
