"""What the network learns by is computed with its target network, which is there to be looked at."""
import copy
import torch
from torch import nn

torch.manual_seed(0)
class Q(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2))
    def forward(self, s):
        return self.net(s)

online, target = Q(), Q()
target.load_state_dict(online.state_dict())
opt = torch.optim.Adam(online.parameters(), lr=1e-3)
for step in range(20):
    s, a, r, s2 = torch.randn(32, 4), torch.randint(2, (32, 1)), torch.randn(32, 1), torch.randn(32, 4)
    with torch.no_grad():
        y = r + 0.9 * target(s2).max(1, keepdim=True)[0]
    q = target(s).gather(1, a)  # <- other
    loss = nn.functional.mse_loss(q, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 5 == 0:
        target.load_state_dict(online.state_dict())
