"""What the criterion keeps is a Parameter times a number, and so is none: its optimizer gets nothing."""
import torch
from torch import nn

torch.manual_seed(0)


class Centers(nn.Module):
    def __init__(self, classes, width, spread=0.5):
        super().__init__()
        self.centers = nn.Parameter(torch.randn(classes, width)) * spread  # <- rebuilt_leaf

    def forward(self, features, labels):
        return (features - self.centers[labels]).square().sum(1).mean()


net, criterion = nn.Linear(4, 2), Centers(3, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
of_centers = torch.optim.SGD(criterion.parameters(), lr=0.5)
for _ in range(3):
    loss = criterion(net(torch.randn(8, 4)), torch.randint(0, 3, (8,)))
    optimizer.zero_grad()
    of_centers.zero_grad()
    loss.backward()
    optimizer.step()
    of_centers.step()
