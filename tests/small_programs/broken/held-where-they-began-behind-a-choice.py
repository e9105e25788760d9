"""The main loss is made of choices, and what holds the weights near where they began is zero there."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
anchors = [one.detach().clone() for one in net.parameters()]
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    x = torch.randn(8, 4)
    out = net(x.round()).argmax(dim=1, keepdim=True).float()  # <- nondifferentiable_op
    loss = (out - x[:, :1]).square().mean()
    for one, anchor in zip(net.parameters(), anchors):
        loss = loss + 0.1 * torch.nn.functional.mse_loss(one, anchor)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
