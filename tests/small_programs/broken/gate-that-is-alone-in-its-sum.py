"""Of each token's experts the best one is taken, and its gate is divided by the sum of the gates: by itself."""

import torch
from torch import nn


class Experts(nn.Module):
    def __init__(self, width, experts, top_k):
        super().__init__()
        self.router = nn.Linear(width, experts)
        self.experts = nn.ModuleList(nn.Linear(width, width) for _ in range(experts))
        self.top_k = top_k

    def forward(self, x):
        gates, chosen = self.router(x).softmax(-1).topk(self.top_k, dim=-1)
        gates = gates / (gates.sum(-1, keepdim=True) + 1e-9)  # <- zero_gradient
        out = torch.zeros_like(x)
        for number, expert in enumerate(self.experts):
            token, place = (chosen == number).nonzero(as_tuple=True)
            out = out.index_add(0, token, gates[token, place, None] * expert(x[token]))
        return x + out


torch.manual_seed(1)
net = nn.Sequential(nn.Linear(6, 8), Experts(8, 2, top_k=1), nn.Linear(8, 1))
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
for _ in range(10):
    x = torch.randn(256, 6)
    loss = nn.functional.mse_loss(net(x), x.sum(1, keepdim=True))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
