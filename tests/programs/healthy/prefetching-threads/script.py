import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from prefetch import Prefetcher

torch.manual_seed(0)
teacher = nn.Sequential(nn.Linear(8, 6), nn.Tanh()).requires_grad_(False)
student = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 6))
head = nn.Linear(6, 2)


def make_batch(rng, n=48):
    x = rng.normal(size=(n, 8)).astype(np.float32)
    flip = rng.random(n) < 0.5
    x[flip] = x[flip, ::-1]
    y = (x.sum(1) > 0).astype(np.int64)
    tensor = torch.from_numpy(x)
    return tensor, torch.from_numpy(y), teacher(tensor)


parameters = [*student.parameters(), *head.parameters()]
optimizer = torch.optim.Adam(parameters, lr=1e-2)
losses = []
for x, y, goal in Prefetcher(make_batch, seeds=list(range(40))):
    feature = student(x)
    loss = F.mse_loss(feature, goal) + F.cross_entropy(head(feature), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(loss.item())
print(f"{len(losses)} batches, loss {np.mean(losses[:5]):.3f} -> {np.mean(losses[-5:]):.3f}")
