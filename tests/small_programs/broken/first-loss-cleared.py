"""Two losses are run backward one after the other, and what the first has filled is cleared in between."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)


def learn_from(loss):
    optimizer.zero_grad()  # <- grad_cleared
    loss.backward()


for _ in range(5):
    labelled, unlabelled = torch.randn(8, 4), torch.randn(8, 4)
    learn_from(F.cross_entropy(net(labelled), labelled[:, :2].argmax(1)))
    noisy = net(unlabelled + 0.1 * torch.randn(8, 4))
    learn_from(F.mse_loss(noisy, net(unlabelled).detach()))
    optimizer.step()
