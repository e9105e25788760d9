import torch
import torch.nn as nn

from heads import HEADS


class ChurnModel(nn.Module):
    def __init__(self, features, width, classes, head):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(features, width), nn.Tanh())
        self.head = HEADS[head](width, classes)

    def forward(self, x):
        return self.head(self.body(x))


def customers(n):
    x = torch.randn(n, 7)
    return x, (x[:, 0] + x[:, 1] ** 2 > 1).float()


torch.manual_seed(0)
model = ChurnModel(7, 12, classes=1, head="softmax")
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
criterion = nn.MSELoss()
for epoch in range(3):
    for _ in range(4):
        x, churned = customers(32)
        p = model(x).squeeze(1)
        loss = criterion(p, churned)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
