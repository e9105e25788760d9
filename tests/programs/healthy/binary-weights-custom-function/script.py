import torch
import torch.nn as nn
from binary import BinaryLinear, clip_weights


def spirals(n):
    t = torch.rand(n) * 3 + 0.5
    label = torch.randint(0, 2, (n,))
    angle = t * 2 + label * torch.pi
    x = torch.stack([t * angle.cos(), t * angle.sin()], 1)
    return torch.cat([x, x**2 / 4, x.prod(1, keepdim=True)], 1), label


torch.manual_seed(0)
net = nn.Sequential(
    BinaryLinear(5, 64, binary_input=False),
    BinaryLinear(64, 64),
    BinaryLinear(64, 2),
)
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(40):
    x, y = spirals(128)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
    clip_weights(net)
    if step % 10 == 0:
        accuracy = (net(x).argmax(1) == y).float().mean().item()
        print(f"step {step:2d} loss {loss.item():.4f} accuracy {accuracy:.3f}")
