import torch
import torch.nn as nn
import torch.nn.functional as F


class SimSiam(nn.Module):
    def __init__(self, d_in=16, d=24, d_pred=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(d_in, d, bias=False), nn.BatchNorm1d(d), nn.ReLU(inplace=True))
        self.projector = nn.Sequential(nn.Linear(d, d, bias=False), nn.BatchNorm1d(d, affine=False))
        self.predictor = nn.Sequential(
            nn.Linear(d, d_pred, bias=False),
            nn.BatchNorm1d(d_pred),
            nn.ReLU(inplace=True),
            nn.Linear(d_pred, d),
        )

    def forward(self, view):
        z = self.projector(self.encoder(view))
        return self.predictor(z), z


def distance(p, z):
    """Negative cosine; z is the target and stays a constant."""
    z = z.detach()
    return -F.cosine_similarity(p, z, dim=-1).mean()


def augment(x):
    keep = (torch.rand_like(x) > 0.2).float()
    return x * keep + 0.1 * torch.randn_like(x)


@torch.no_grad()
def collapse_level(z):
    return F.normalize(z, dim=-1).std(0).mean().item()


torch.manual_seed(0)
net = SimSiam()
opt = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(opt, T_max=30)
centres = 2 * torch.randn(8, 16)
for step in range(30):
    x = centres[torch.randint(0, 8, (64,))] + 0.3 * torch.randn(64, 16)
    p1, z1 = net(augment(x))
    p2, z2 = net(augment(x))
    loss = 0.5 * distance(p1, z2) + 0.5 * distance(p2, z1)
    opt.zero_grad()
    loss.backward()
    opt.step()
    schedule.step()
    if step % 10 == 0:
        print(f"step {step:2d}  loss {loss.item():+.4f}  std {collapse_level(z1):.4f}")
