import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

teacher = nn.Linear(4, 4); student = nn.Linear(4, 4); proj = nn.Linear(4, 4)
opt = torch.optim.Adam([*student.parameters(), *proj.parameters()])
@torch.inference_mode()  # <- inference_mode
def targets(x):
    return teacher(x)  # <- inference_mode
x = torch.randn(8, 4)
t = targets(x)
loss = (student(x) * proj(t)).sum()
loss.backward()
