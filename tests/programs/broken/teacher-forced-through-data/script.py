import torch
import torch.nn as nn


class Stage(nn.Module):
    def __init__(self, width=24):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, width), nn.Tanh(), nn.Linear(width, 2))

    def forward(self, image, estimate):
        return estimate + self.net(torch.cat([image, estimate], 1))


class Cascade(nn.Module):
    def __init__(self, stages=3):
        super().__init__()
        self.stages = nn.ModuleList(Stage() for _ in range(stages))

    def forward(self, image):
        estimate, estimates = torch.zeros(len(image), 2), []
        for stage in self.stages:
            estimate = stage(image, estimate).data
            estimates.append(estimate)
        estimates[-1] = stage(image, estimates[-2])
        return estimates


def sequence_loss(estimates, target, decay=0.8):
    weights = [decay ** (len(estimates) - 1 - i) for i in range(len(estimates))]
    return sum(w * (e - target).abs().mean() for w, e in zip(weights, estimates))


torch.manual_seed(0)
model = Cascade()
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
for step in range(12):
    image = torch.randn(48, 2)
    target = torch.stack([image.prod(1), image.sum(1)], 1)
    loss = sequence_loss(model(image), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 4 == 0:
        print(f"step {step} loss {loss.item():.4f}")
