"""A teacher keeps the student itself, frozen, and not a copy; its average is written out as a sum."""
import torch
from torch import nn


class Average:
    def __init__(self, model):
        self.model = model
        self.model.requires_grad_(False)  # <- frozen_leaf

    @torch.no_grad()
    def step(self, model):
        kept = dict(self.model.named_parameters())
        for name, p in model.named_parameters():
            kept[name].copy_(0.99 * kept[name] + 0.01 * p)


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.head = nn.Linear(6, 8), nn.Linear(8, 8)
        self.teacher = Average(self.encoder)

    def forward(self, x):
        with torch.no_grad():
            target = self.teacher.model(x)
        return self.head(self.encoder(x + 0.1 * torch.randn_like(x))), target


torch.manual_seed(0)
student = Student()
optimizer = torch.optim.Adam(student.parameters(), 1e-3)
for _ in range(6):
    out, target = student(torch.randn(16, 6))
    loss = (out - target).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    student.teacher.step(student.encoder)
