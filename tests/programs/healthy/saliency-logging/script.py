import torch
import torch.nn as nn
import torch.nn.functional as F
from explain import integrated_gradients, saliency


class Net(nn.Module):
    def __init__(self, d=6, classes=3):
        super().__init__()
        self.gate = nn.Parameter(torch.zeros(d))
        self.net = nn.Sequential(nn.Linear(d, 32), nn.Tanh(), nn.Linear(32, classes))

    def forward(self, x):
        return self.net(x * torch.sigmoid(self.gate))


def batch(n=64):
    x = torch.randn(n, 6)
    return x, torch.bucketize(x[:, 1] + 0.5 * x[:, 4], torch.tensor([-0.5, 0.5]))


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=2e-2)
for step in range(31):
    x, y = batch()
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        importance = saliency(net, x, y)
        share = importance / importance.sum()
        print(f"step {step:2d} loss {loss.item():.4f} most salient {share.argmax()} ({share.max():.2f})")
print("attribution to class 2:", [round(v, 3) for v in integrated_gradients(net, x, target=2)])
