"""Of one action the norm is over one element; bounded from below by 1, shifted by 1 or of another part, it divides by no whole."""

import torch
from torch import nn

torch.manual_seed(0)


class Bounded(nn.Module):
    def __init__(self, way):
        super().__init__()
        self.body, self.way = nn.Linear(3, 2), way

    def forward(self, state):
        action, other = self.body(state).chunk(2, dim=-1)
        size = action.norm(dim=-1, keepdim=True)
        if self.way == "ball":
            return action / size.clamp(min=1.0) + other
        if self.way == "largest":
            return action / torch.maximum(size, torch.tensor(1.0)) + other
        if self.way == "largest of two":
            return action / torch.max(size, torch.ones_like(size)) + other
        if self.way == "shifted":
            return action / (1 + size) + other
        return action / (other.norm(dim=-1, keepdim=True) + 1e-6)


for way in ("ball", "largest", "largest of two", "shifted", "of the other part"):
    policy = Bounded(way)
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-3)
    for _ in range(4):
        state = torch.randn(32, 3)
        loss = (policy(state) - state[:, :1].tanh()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
