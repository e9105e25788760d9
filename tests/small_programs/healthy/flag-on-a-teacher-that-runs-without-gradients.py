"""Distillation: a flag on the teacher that changes nothing, as it runs under no_grad anyway."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

def network(width):
    return nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, 3))

teacher, student = network(64), network(16)
teacher.eval()
teacher.requires_grad = False
opt = torch.optim.Adam(student.parameters(), lr=1e-2)
x, y = torch.randn(128, 10), torch.randint(0, 3, (128,))
T = 2.0
for step in range(5):
    with torch.no_grad():
        soft = F.softmax(teacher(x) / T, dim=1)
    logits = student(x)
    kd = F.kl_div(F.log_softmax(logits / T, dim=1), soft, reduction="batchmean") * T * T
    loss = 0.5 * F.cross_entropy(logits, y) + 0.5 * kd
    opt.zero_grad()
    loss.backward()
    opt.step()
