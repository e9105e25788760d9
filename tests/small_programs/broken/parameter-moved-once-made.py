"""A Parameter is cast once it is made: what the module keeps is no leaf, and no parameter."""
import torch
from torch import nn

torch.manual_seed(0)


class Gate(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mix = nn.Linear(width, width)
        self.strength = nn.Parameter(torch.ones(width)).to(torch.bfloat16)  # <- rebuilt_leaf

    def forward(self, x):
        return x + self.strength.float() * self.mix(x).tanh()


gate = Gate(4)
optimizer = torch.optim.Adam(gate.parameters(), lr=1e-2)
for _ in range(5):
    x = torch.randn(16, 4)
    loss = (gate(x) - x.flip(1)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
