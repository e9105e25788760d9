import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


class Generator(nn.Module):
    def __init__(self, tasks, size, dim=6):
        super().__init__()
        self.task = nn.Embedding(tasks, dim)
        self.weight, self.bias = nn.Linear(dim, size), nn.Linear(dim, 1)

    def forward(self, k):
        code = self.task(torch.tensor(k))
        return {"weight": self.weight(code).unsqueeze(0), "bias": self.bias(code)}


def materialise(generator, k, template):
    """A plain layer with the weights of one task, to be evaluated or shipped."""
    layer = copy.deepcopy(template)
    with torch.no_grad():
        for name, p in layer.named_parameters():
            p.copy_(generator(k)[name])
    return layer


def held_out_error(generator, template, slopes):
    errors = []
    for k, slope in enumerate(slopes):
        best = nn.Linear(slope.numel(), 1).requires_grad_(False)
        best.load_state_dict(materialise(generator, k, template).state_dict())
        x = torch.randn(64, slope.numel())
        errors.append(F.mse_loss(best(x).squeeze(1), x @ slope).item())
    return sum(errors) / len(errors)


torch.manual_seed(0)
template = nn.Linear(5, 1).requires_grad_(False)
generator = Generator(tasks=4, size=5)
optimizer = torch.optim.Adam(generator.parameters(), lr=1e-2)
slopes = torch.randn(4, 5)
for step in range(16):
    k = step % 4
    x = torch.randn(32, 5)
    made = generator(k)
    loss = F.mse_loss(F.linear(x, made["weight"], made["bias"]).squeeze(1), x @ slopes[k])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if k == 3:
        print(f"step {step} error {held_out_error(generator, template, slopes):.4f}")
