import torch
import torch.nn as nn
from geometry import angle, neighbour_mean, safe_norm


class PointNet(nn.Module):
    def __init__(self, hidden=24):
        super().__init__()
        self.lift = nn.Linear(3, hidden)
        self.mix = nn.Linear(2 * hidden, hidden)
        self.direction = nn.Linear(hidden, 2)

    def forward(self, points):
        difference = points[:, None] - points
        distance = safe_norm(difference)  # zero on the diagonal
        near = (distance < 0.7) & (distance > 0)
        r = distance.mean(1, keepdim=True)
        h = torch.tanh(self.lift(torch.cat([points, r], 1)))
        h = torch.tanh(self.mix(torch.cat([h, neighbour_mean(h, near)], 1)))
        return self.direction(h)


def cloud(n=40):
    points = torch.randn(n, 2)
    points[:3] = 0.0  # three points on one spot
    target = torch.stack([-points[:, 1], points[:, 0]], 1)
    target[torch.rand(n) < 0.1] = float("nan")  # nobody measured these
    return points, target


torch.manual_seed(0)
net = PointNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(30):
    points, target = cloud()
    measured = ~target.isnan().any(1)
    target = target.nan_to_num(0.0)
    pred = net(points)
    turn = angle(pred, target)
    size = safe_norm(pred) - safe_norm(target)
    loss = torch.where(measured, turn + size.square(), 0.0).sum() / measured.sum()
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(net.parameters(), 5.0, error_if_nonfinite=True)
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():.4f} gradient {norm.item():.3f}")
