"""A schedule thaws layers that were learnt before: it asks which require grad while none of them does."""

import torch
from torch import nn


class Signs(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.add_(p.grad.sign(), alpha=-group["lr"])


def pretrain(encoder):
    decoder = nn.Linear(6, 5)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])
    for _ in range(2):
        x = torch.randn(16, 5)
        optimizer.zero_grad()
        (decoder(encoder(x)) - x).square().mean().backward()
        optimizer.step()
    encoder.zero_grad()


def thaw(optimizer, layer):
    chosen = [p for p in layer.parameters() if p.requires_grad]
    optimizer.add_param_group({"params": chosen, "lr": 0.001})
    layer.requires_grad_(True)


torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 6))
pretrain(encoder)
encoder.requires_grad_(False)
head = nn.Linear(6, 2)
optimizer = Signs(head.parameters())  # <- optimizer_mismatch
waiting = [encoder[0], encoder[2]]
for step in range(8):
    optimizer.zero_grad()
    head(encoder(torch.randn(16, 5))).square().mean().backward()
    optimizer.step()
    if waiting:
        thaw(optimizer, waiting.pop())
