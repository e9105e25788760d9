"""Attention guided by Grad-CAM: a first backward gives the map, then the model is trained to look where it should."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(1, 8, 3, padding=1), nn.ReLU())
        self.fc = nn.Linear(8, 3)

    def forward(self, x):
        f = self.conv(x)
        return f, self.fc(f.mean((2, 3)))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(10):
    x, y = torch.randn(8, 1, 10, 10), torch.randint(0, 3, (8,))
    mask = (torch.rand(8, 10, 10) > 0.5).float()
    f, logits = net(x)
    f.retain_grad()
    logits.gather(1, y[:, None]).sum().backward(retain_graph=True)
    weights = f.grad.mean((2, 3), keepdim=True)
    opt.zero_grad()
    cam = F.relu((weights * f).sum(1))
    loss = F.cross_entropy(logits, y) + 0.1 * (cam * (1 - mask)).mean()
    loss.backward()
    opt.step()
