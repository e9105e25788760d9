"""The teacher's optimizer has made more steps than the student's, which lacks a weight."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
teacher, student = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3)), nn.Sequential(nn.Linear(4, 3))


def fit(model):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(8):
        optimizer.zero_grad()
        F.cross_entropy(model(torch.randn(16, 4)), torch.randint(0, 3, (16,))).backward()
        optimizer.step()
    return optimizer


first = fit(teacher)
teacher.requires_grad_(False)
second = torch.optim.SGD(list(student.parameters())[1:], lr=0.1)  # <- optimizer_mismatch
for _ in range(5):
    x = torch.randn(16, 4)
    loss = F.kl_div(student(x).log_softmax(1), teacher(x).log_softmax(1), reduction="batchmean", log_target=True)
    second.zero_grad()
    loss.backward()
    second.step()
