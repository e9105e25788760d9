import torch
import torch.nn as nn
import torch.nn.functional as F


class Detector(nn.Module):
    def __init__(self, warmup_steps, d=16):
        super().__init__()
        self.backbone = nn.Sequential(
            nn.Conv1d(1, d, 5, stride=2, padding=2),
            nn.ReLU(inplace=True),
            nn.Conv1d(d, d, 3, stride=2, padding=1),
            nn.ReLU(inplace=True),
        )
        self.head = nn.Conv1d(d, 2, 1)
        self.warmup_steps = warmup_steps
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    @property
    def warming_up(self):
        return self.steps.item() < self.warmup_steps

    def forward(self, x):
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.warming_up):
            features = self.backbone(x)
        if self.training:
            self.steps += 1
        score, width = self.head(features).unbind(1)
        return score, width.exp()


def bumps(n, length=32):
    """One bump per signal: which of the eight cells holds it, and how wide it is."""
    cell, width = torch.randint(0, 8, (n,)), 1 + torch.rand(n)
    t = torch.arange(length)
    x = torch.exp(-(((t - (4 * cell[:, None] + 1.5)) / width[:, None]) ** 2))
    return (x + 0.05 * torch.randn(n, length)).unsqueeze(1), cell, width


def detection_loss(score, width, cell, true_width):
    found = width[torch.arange(len(cell)), cell]
    return F.cross_entropy(score, cell) + F.smooth_l1_loss(found, true_width)


torch.manual_seed(0)
model = Detector(warmup_steps=10)
optimizer = torch.optim.AdamW(
    [{"params": model.head.parameters()}, {"params": model.backbone.parameters(), "lr": 3e-3}], lr=1e-2
)
for step in range(30):
    x, cell, width = bumps(32)
    loss = detection_loss(*model(x), cell, width)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 6 == 0:
        state = "warm-up" if model.warming_up else "all"
        print(f"step {step:2d} {state} loss {loss.item():.4f}")
