"""A method puts the layers into a plain list: nobody sees that where they are made."""
import torch
from torch import nn

torch.manual_seed(0)


class Stack(nn.Module):
    def __init__(self, width, depth):
        super().__init__()
        self.layers = []
        for _ in range(depth):
            self.add(nn.Linear(width, width))  # <- unregistered_parameter

    def add(self, layer):
        self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x).tanh()
        return x


net = Stack(4, 3)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
net(torch.randn(8, 4)).square().mean().backward()
optimizer.step()
