from dataclasses import dataclass, field
import torch, torch.nn as nn
torch.manual_seed(0)

@dataclass
class Branch:
    width: int
    down: nn.Module = field(init=False)

    def __post_init__(self):
        self.down = nn.Linear(self.width, self.width)  # <- unregistered_parameter

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Linear(4, 4)
        self.branches = {name: Branch(4) for name in ("a", "b")}
    def forward(self, x, name):
        return self.branches[name].down(self.trunk(x).relu()).square().mean()

net = Net()
optimizer = torch.optim.SGD(net.parameters(), 0.1)
for step in range(6):
    loss = net(torch.randn(8, 4), "ab"[step % 2])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
