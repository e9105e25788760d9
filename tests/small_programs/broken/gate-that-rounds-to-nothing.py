import torch
from torch import nn

torch.manual_seed(0)


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.gate = nn.Linear(4, 8)
        nn.init.constant_(self.gate.bias, -4.0)
        self.head = nn.Linear(8, 3)

    def forward(self, x):
        mask = self.gate(x).sigmoid().round()  # <- zero_gradient
        h = self.body(x).tanh() * mask
        return self.head(h)


net = Gated()
opt = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(4):
    loss = nn.functional.cross_entropy(net(torch.randn(16, 4)), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
