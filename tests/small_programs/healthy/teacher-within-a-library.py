"""A library's wrapper runs a teacher without gradients; the optimizer holds all of the wrapper, and so the teacher."""

import os

import torch
from torch import nn

LIBRARY = """
class Distilled(nn.Module):
    def __init__(self, teacher, student):
        super().__init__()
        self.teacher, self.student = teacher, student

    def forward(self, x, y):
        with torch.no_grad():
            soft = self.teacher(x).softmax(-1)
        out = self.student(x)
        near = nn.functional.kl_div(out.log_softmax(-1), soft, reduction="batchmean")
        return nn.functional.cross_entropy(out, y) + near
"""
installed = os.path.join(os.path.dirname(nn.__file__), "distilled.py")
exec(compile(LIBRARY, installed, "exec", dont_inherit=True))

torch.manual_seed(0)
x, y = torch.randn(32, 4), torch.randint(0, 3, (32,))
teacher = nn.Linear(4, 3)
optimizer = torch.optim.Adam(teacher.parameters(), 1e-2)
for _ in range(4):
    optimizer.zero_grad()
    nn.functional.cross_entropy(teacher(x), y).backward()
    optimizer.step()

distilled = Distilled(teacher, nn.Linear(4, 3))  # noqa: F821
optimizer = torch.optim.Adam(distilled.parameters(), 1e-2)
for _ in range(8):
    optimizer.zero_grad()
    distilled(x, y).backward()
    optimizer.step()
