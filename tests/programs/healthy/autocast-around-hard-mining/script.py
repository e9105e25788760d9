import torch
import torch.nn as nn
import torch.nn.functional as F


class Scorer(nn.Module):
    def __init__(self, features=8, width=16):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(features))
        self.fc1 = nn.Linear(features, width)
        self.fc2 = nn.Linear(width, 1)

    def forward(self, x):
        return self.fc2(F.relu(self.fc1(self.scale * x))).squeeze(1)


def hardest(model, x, y, keep):
    """The samples with the largest loss, found without gradients."""
    with torch.no_grad():
        losses = F.binary_cross_entropy_with_logits(model(x).float(), y, reduction="none")
    return losses.topk(keep).indices


torch.manual_seed(0)
model = Scorer()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(10):
    x = torch.randn(64, 8)
    y = (x[:, 0] + x[:, 1] > 0).float()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        index = hardest(model, x, y, keep=16)
        loss = F.binary_cross_entropy_with_logits(model(x[index]).float(), y[index])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
