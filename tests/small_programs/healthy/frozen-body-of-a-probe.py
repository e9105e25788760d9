import torch
from torch import nn

torch.manual_seed(0)


class Probe(nn.Module):
    def __init__(self, body):
        super().__init__()
        self.body = body
        for p in self.body.parameters():
            p.requires_grad = False
        self.head = nn.Linear(body(torch.zeros(1, 8)).shape[1], 1)

    def forward(self, x):
        return self.head(self.body(x))


body = nn.Linear(8, 4)
net = Probe(body)
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(4):
    loss = (net(torch.randn(6, 8)) - body(torch.ones(8)).mean()).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
