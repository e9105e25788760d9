import torch
import torch.nn as nn
import torch.nn.functional as F


class Binarise(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        bits = (x > 0).to(x.dtype)
        ctx.mark_non_differentiable(bits)
        return bits

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x.abs() <= 1)


class HashNet(nn.Module):
    def __init__(self, features=12, bits=8, classes=4):
        super().__init__()
        self.project = nn.Sequential(nn.Linear(features, 24), nn.ReLU(), nn.Linear(24, bits))
        self.classify = nn.Linear(bits, classes)

    def code(self, x):
        return Binarise.apply(self.project(x))

    def forward(self, x):
        return self.classify(self.code(x))


def collisions(net, x):
    codes = net.code(x)
    return (codes[:, None] == codes[None]).all(-1).float().mean().item()


torch.manual_seed(0)
net = HashNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
centres = torch.randn(4, 12)
for step in range(16):
    y = torch.randint(0, 4, (32,))
    x = centres[y] + 0.5 * torch.randn(32, 12)
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f} collisions {collisions(net, x):.2f}")
