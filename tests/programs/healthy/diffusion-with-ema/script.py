import torch
import torch.nn as nn
from diffusion import EMA, Schedule


class Eps(nn.Module):
    def __init__(self, steps, d=32):
        super().__init__()
        self.time = nn.Embedding(steps, d)
        self.inp, self.mid, self.out = nn.Linear(2, d), nn.Linear(d, d), nn.Linear(d, 2)
        nn.init.zeros_(self.out.weight)

    def forward(self, x, t):
        h = torch.nn.functional.silu(self.inp(x) + self.time(t))
        return self.out(torch.nn.functional.silu(self.mid(h)))


def moon(n):
    a = torch.rand(n) * torch.pi
    return torch.stack([a.cos(), a.sin() - 0.5], 1) + 0.05 * torch.randn(n, 2)


torch.manual_seed(0)
schedule = Schedule(steps=15)
model = Eps(schedule.steps)
ema = EMA(model, decay=0.9)
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
for epoch in range(3):
    for _ in range(15):
        x = moon(96)
        t = torch.randint(0, schedule.steps, (96,))
        noise = torch.randn_like(x)
        loss = (model(schedule.noisy(x, t, noise), t) - noise).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        ema.update(model)
    with ema.applied(model) as averaged:
        sample = schedule.sample(averaged, 64)
    centre = [round(v, 3) for v in sample.mean(0).tolist()]
    print(f"epoch {epoch} loss {loss.item():.4f} sample mean {centre}")
