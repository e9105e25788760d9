import torch
import torch.nn as nn
import torch.nn.functional as F
from sam import SAM


def noisy_labels(n):
    x = torch.randn(n, 10)
    y = (x[:, 0] + x[:, 1] * x[:, 2] > 0).long()
    wrong = torch.rand(n) < 0.1
    return x, torch.where(wrong, 1 - y, y)


def main():
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(10, 48), nn.ReLU(), nn.Linear(48, 48), nn.ReLU(), nn.Linear(48, 2))
    sam = SAM(torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9), rho=0.1)
    for step in range(40):
        x, y = noisy_labels(96)
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        sam.climb()
        sharp = F.cross_entropy(net(x), y)
        sharp.backward()
        sam.descend()
        if step % 10 == 0:
            print(f"step {step:2d} loss {loss.item():.4f} uphill {sharp.item():.4f}")


main()
