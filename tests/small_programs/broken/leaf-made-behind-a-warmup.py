"""For its first steps the body is kept out of the graph on purpose, and later by a mistake."""
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
        with torch.set_grad_enabled(self.steps > 3):
            features = self.body(x).relu()
        return self.head(nn.Parameter(features))  # <- rebuilt_leaf


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(6):
    loss = nn.functional.cross_entropy(net(torch.randn(16, 5)), torch.randint(0, 2, (16,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
