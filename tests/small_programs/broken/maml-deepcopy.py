import copy
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Regressor(nn.Module):
    def __init__(self):
        super().__init__()
        self.l1, self.l2 = nn.Linear(1, 16), nn.Linear(16, 1)

    def forward(self, x):
        return self.l2(torch.tanh(self.l1(x)))


class MAML:
    def __init__(self):
        self.net = Regressor()
        self.meta_opt = torch.optim.Adam(self.net.parameters(), 1e-3)

    def inner(self, x, y, lr=0.01):
        learner = copy.deepcopy(self.net)  # <- rebuilt_leaf
        loss = F.mse_loss(learner(x), y)
        grads = torch.autograd.grad(loss, learner.parameters(), create_graph=True)
        for p, g in zip(learner.parameters(), grads):
            p.data = p.data - lr * g
        return learner

    def outer(self, tasks):
        self.meta_opt.zero_grad()
        total = 0.0
        for xs, ys, xq, yq in tasks:
            total = total + F.mse_loss(self.inner(xs, ys)(xq), yq)
        (total / len(tasks)).backward()
        self.meta_opt.step()
        return total.item()


maml = MAML()
for it in range(5):
    tasks = []
    for _ in range(3):
        a = torch.rand(1) * 4
        xs, xq = torch.rand(5, 1) * 10 - 5, torch.rand(5, 1) * 10 - 5
        tasks.append((xs, a * xs.sin(), xq, a * xq.sin()))
    print(it, maml.outer(tasks))
