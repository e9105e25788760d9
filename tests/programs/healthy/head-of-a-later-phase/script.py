"""One optimizer for two phases: the head of the second is used once the first has made its steps."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(6, 16), nn.Tanh())
        self.decode = nn.Linear(16, 6)
        self.classify = nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 3))

    def forward(self, x, phase):
        hidden = self.trunk(x)
        if phase == "reconstruct":
            return self.decode(hidden)
        return self.classify(hidden)


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(40):
    x = torch.randn(32, 6)
    optimizer.zero_grad()
    if step < 20:
        loss = nn.functional.mse_loss(net(x, "reconstruct"), x)
    else:
        loss = nn.functional.cross_entropy(net(x, "label"), x[:, :3].argmax(1))
    loss.backward()
    optimizer.step()
print(f"{loss.item():.3f}")
