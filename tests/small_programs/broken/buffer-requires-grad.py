import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class LearnedScale(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.fc = nn.Linear(d, d)
        self.register_buffer("scale", torch.full((d,), 0.1))  # <- unregistered_parameter
        self.scale.requires_grad_(True)  # <- unregistered_parameter

    def forward(self, x):
        return x + self.scale * F.gelu(self.fc(x))


net = nn.Sequential(nn.Linear(4, 8), LearnedScale(8), LearnedScale(8), nn.Linear(8, 1))
opt = torch.optim.AdamW(net.parameters(), 1e-3)
for step in range(5):
    x = torch.randn(16, 4)
    loss = F.mse_loss(net(x), x.norm(dim=1, keepdim=True))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
