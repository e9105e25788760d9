import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(6, 8)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(8, 8), nn.Tanh()) for _ in range(2))
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        h = self.stem(x)
        for block in self.blocks:
            h = checkpoint(block, h, use_reentrant=True)
        return self.head(h.sign())  # <- zero_gradient


net = Net()
for parameter in net.stem.parameters():
    parameter.requires_grad_(False)
net.stem.register_forward_hook(lambda module, args, out: out.requires_grad_())
optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
for _ in range(6):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(net(torch.randn(12, 6)), torch.randint(0, 3, (12,)))
    loss.backward()
    optimizer.step()
