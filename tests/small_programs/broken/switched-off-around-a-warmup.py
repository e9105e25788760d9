"""The model switches gradients off for its warm-up, where they are on; whoever calls it has them off."""
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(5, 8), nn.Linear(8, 2)
        self.steps = 0

    def forward(self, x):
        self.steps += 1
        with torch.set_grad_enabled(torch.is_grad_enabled() and self.steps > 2):
            features = self.body(x).relu()
        return self.head(features)


net = Net()
scale = nn.Parameter(torch.ones(()))
optimizer = torch.optim.SGD([*net.parameters(), scale], lr=0.1)
for _ in range(6):
    with torch.no_grad():
        scores = net(torch.randn(16, 5))  # <- no_grad
    loss = nn.functional.cross_entropy(scale * scores, torch.randint(0, 2, (16,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
