"""A constrained policy: penalty and multiplier in one loss, each with the other one detached."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Agent(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
        self.log_lam = nn.Parameter(torch.zeros(()))


agent, limit = Agent(), 0.3
opt = torch.optim.Adam(agent.parameters(), lr=1e-2)
for step in range(12):
    x = torch.randn(32, 4)
    out = agent.net(x)
    task, cost = F.mse_loss(out, x[:, :1]), out.square().mean()
    lam = agent.log_lam.exp()
    lagrangian = task + lam.detach() * cost - lam.detach() * limit
    dual = lam * (limit - cost.detach())
    loss = lagrangian + dual
    opt.zero_grad()
    loss.backward()
    opt.step()
