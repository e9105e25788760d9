import torch
from torch import nn

torch.manual_seed(0)


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.body = nn.LayerNorm(6), nn.Linear(6, 4)

    def forward(self, images):
        with torch.no_grad():
            images = images.squeeze(1)  # <- no_grad
            images = self.norm(images)
        return self.body(images)


made = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 6), nn.Unflatten(1, (1, 6)))
judge = Judge().requires_grad_(False)
opt = torch.optim.SGD(made.parameters(), 0.1)
for _ in range(4):
    z, y = torch.randn(5, 3), torch.randn(5, 1, 6)
    out = made(z)
    first, second = judge(torch.cat([y, out])).chunk(2)
    loss = (out - y).square().mean() + 2 * (1 - torch.cosine_similarity(first, second).mean())
    opt.zero_grad()
    loss.backward()
    opt.step()
