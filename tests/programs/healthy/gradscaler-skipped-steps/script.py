import torch
import torch.nn as nn
import torch.nn.functional as F


class ConvNet(nn.Module):
    def __init__(self, classes=3):
        super().__init__()
        self.conv = nn.Conv1d(2, 8, 3, padding=1)
        self.norm = nn.GroupNorm(2, 8)
        self.fc = nn.Linear(8, classes)

    def forward(self, x):
        return self.fc(F.relu(self.norm(self.conv(x))).mean(-1))


def signals(n):
    y = torch.randint(0, 3, (n,))
    t = torch.arange(16) / 16
    angle = 2 * torch.pi * (y[:, None] + 1) * t
    x = torch.stack([angle.sin(), angle.cos()], 1)
    return x + 0.2 * torch.randn_like(x), y


class Trainer:
    def __init__(self, model):
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        self.scaler = torch.amp.GradScaler("cpu", init_scale=2.0**24, growth_interval=10)
        self.skipped = 0

    def step(self, x, y):
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast("cpu", dtype=torch.float16):
            loss = F.cross_entropy(self.model(x).float(), y)
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        before = self.scaler.get_scale()
        self.scaler.step(self.optimizer)
        self.scaler.update()
        if self.scaler.get_scale() < before:
            self.skipped += 1
        return loss.item(), norm.item()


torch.manual_seed(0)
trainer = Trainer(ConvNet())
for step in range(40):
    loss, norm = trainer.step(*signals(32))
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss:.4f} norm {norm:.3f} scale {trainer.scaler.get_scale():.0f}")
print("skipped", trainer.skipped, "steps, final loss", round(loss, 4))
