import torch, torch.nn as nn
torch.manual_seed(0)

class Adapted(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Linear(4, 4).requires_grad_(False)
        self.down, self.up = nn.Linear(4, 2, bias=False), nn.Linear(2, 4, bias=False)
    def forward(self, x):
        return self.base(x) + self.up(self.down(x))  # <- zero_gradient

net, head = Adapted(), nn.Linear(4, 1)
for one in (net.down, net.up):
    nn.init.zeros_(one.weight)
optimizer = torch.optim.SGD([*net.down.parameters(), *net.up.parameters(), *head.parameters()], 0.1)
for _ in range(6):
    loss = head(net(torch.randn(8, 4))).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
