"""The vector by which an additive attention scores is a plain tensor."""
import torch
from torch import nn

torch.manual_seed(0)


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.states = nn.Linear(width, width)
        self.v = torch.rand(width)  # <- unregistered_parameter

    def forward(self, x):
        energy = torch.tanh(self.states(x))
        shares = torch.softmax(energy @ self.v, 1)
        return (shares.unsqueeze(-1) * x).sum(1)


net = nn.Sequential(nn.Linear(4, 6), Attention(6), nn.Linear(6, 2))
opt = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(4):
    loss = nn.functional.cross_entropy(net(torch.randn(8, 5, 4)), torch.randint(0, 2, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
