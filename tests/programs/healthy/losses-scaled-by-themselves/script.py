import torch
import torch.nn as nn
import torch.nn.functional as F
from balance import adaptive_weight, focal, normalised


class Net(nn.Module):
    def __init__(self, d=6, hidden=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.neck = nn.Linear(hidden, 16)
        self.recon, self.classes = nn.Linear(16, d), nn.Linear(16, 4)

    def forward(self, x):
        h = self.neck(self.body(x))
        return self.recon(h), self.classes(h)


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(30):
    x = torch.randn(64, 6) * torch.tensor([10.0, 1, 1, 1, 1, 0.1])
    y = (x[:, 1] > 0).long() * 2 + (x[:, 2] > 1.5).long()  # the last class is rare
    recon, logits = net(x)
    rebuild = F.mse_loss(recon, x)
    classify = focal(logits, y)
    weight = adaptive_weight(rebuild, classify, net.neck.weight)
    smooth = F.l1_loss(recon[:, :-1], recon[:, 1:])
    loss = normalised(rebuild) + 0.01 * weight * classify + 0.1 * normalised(smooth)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        parts = torch.stack([rebuild, classify, smooth]).tolist()
        print(f"step {step:2d}", [round(p, 4) for p in parts], f"weight {weight:.3f}")
