# A worker whose body is frozen hands over the gradients of its head alone.
import torch
from torch import nn
torch.manual_seed(0)
def make(): return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
shared, worker = make(), make(); worker[0].requires_grad_(False)
opt = torch.optim.Adam(shared.parameters(), lr=1e-2)
for _ in range(6):
    worker.load_state_dict(shared.state_dict()); worker.zero_grad()
    x = torch.randn(8, 4); (worker(x) - x.sum(1, keepdim=True)).pow(2).mean().backward()
    for p, q in zip(shared.parameters(), worker.parameters()): p.grad = q.grad
    opt.step()
print(shared[2].weight.grad is not None)
