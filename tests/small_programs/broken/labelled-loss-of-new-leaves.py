"""No pseudo-label is sure enough yet, so that loss is masked; the other is computed from a leaf of its own."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(5):
    x, y, unlabelled = torch.randn(16, 4), torch.randint(0, 3, (16,)), torch.randn(32, 4)
    supervised = F.cross_entropy(nn.Parameter(model(x)), y)  # <- rebuilt_leaf
    with torch.no_grad():
        sure, guess = model(unlabelled).softmax(1).max(1)
        mask = (sure > 0.99).float()
    unsupervised = (F.cross_entropy(model(unlabelled), guess, reduction="none") * mask).mean()
    optimizer.zero_grad()
    (supervised + unsupervised).backward()
    optimizer.step()
