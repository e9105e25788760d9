import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Balanced(nn.Module):
    def __init__(self, classes=4):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, classes))
        self.class_logits = nn.Parameter(torch.zeros(classes))

    def loss(self, x, y):
        weight = F.softmax(self.class_logits, 0) * len(self.class_logits)
        return F.cross_entropy(self.net(x), y, weight=weight)  # <- nondifferentiable_op


model = Balanced()
opt = torch.optim.Adam(model.parameters(), 1e-2)
for step in range(5):
    loss = model.loss(torch.randn(16, 5), torch.randint(0, 4, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
