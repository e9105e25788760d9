import torch
import torch.nn as nn
import torch.nn.functional as F


class LowRankLinear(nn.Module):
    def __init__(self, cin, cout, rank):
        super().__init__()
        self.left = nn.Parameter(torch.randn(cout, rank) / rank**0.5)
        self.right = nn.Parameter(torch.randn(rank, cin) / cin**0.5)
        self.bias = nn.Parameter(torch.zeros(cout))

    def fused(self):
        return nn.Parameter(self.left @ self.right)

    def forward(self, x):
        return F.linear(x, self.fused(), self.bias)


def build(widths, rank):
    layers = []
    for cin, cout in zip(widths, widths[1:]):
        layers += [LowRankLinear(cin, cout, rank), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


if __name__ == "__main__":
    torch.manual_seed(0)
    net = build([12, 24, 24, 1], rank=4)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
    truth = torch.randn(12)
    for step in range(20):
        x = torch.randn(64, 12)
        loss = F.smooth_l1_loss(net(x).squeeze(1), torch.tanh(x @ truth))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"loss {loss.item():.4f}")
