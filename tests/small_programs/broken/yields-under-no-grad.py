import torch
from torch import nn
torch.manual_seed(0)

teacher, student = nn.Linear(3, 2), nn.Linear(3, 2)
opt = torch.optim.SGD(student.parameters(), lr=0.1)

def batches():
    with torch.no_grad():  # <- no_grad
        for _ in range(3):
            x = torch.randn(8, 3)
            yield x, teacher(x)  # <- no_grad

for x, wanted in batches():
    loss = (student(x) - wanted).square().mean()
    opt.zero_grad()
    try:
        loss.backward()
    except RuntimeError:
        pass
    opt.step()
