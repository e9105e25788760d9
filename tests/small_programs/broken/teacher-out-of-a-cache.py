"""A factory that remembers what it made gives the teacher the very encoder of the student."""
import functools

import torch
import torch.nn.functional as F
from torch import nn


@functools.lru_cache(maxsize=None)
def encoder(width):
    return nn.Sequential(nn.Linear(6, width), nn.ReLU(), nn.Linear(width, width))


class Student(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = encoder(8)
        self.predictor = nn.Linear(8, 8)

    def forward(self, x):
        return self.predictor(self.encoder(x))


class Trainer:
    def __init__(self):
        self.student = Student()
        self.teacher = encoder(8)
        for one in self.teacher.parameters():
            one.requires_grad_(False)  # <- frozen_leaf
        self.optimizer = torch.optim.SGD(self.student.parameters(), lr=0.1)

    @torch.no_grad()
    def follow(self):
        for mean, one in zip(self.teacher.parameters(), self.student.encoder.parameters()):
            mean.lerp_(one, 0.1)

    def step(self, x):
        with torch.no_grad():
            target = self.teacher(x + 0.1)
        loss = 1 - F.cosine_similarity(self.student(x), target).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.follow()


torch.manual_seed(0)
trainer = Trainer()
for _ in range(4):
    trainer.step(torch.randn(5, 6))
