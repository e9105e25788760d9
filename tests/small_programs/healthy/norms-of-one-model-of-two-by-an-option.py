import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self, norms=False):
        super().__init__()
        self.norms = norms
        self.norm_in, self.body = nn.BatchNorm1d(4), nn.Linear(4, 8)
        self.norm_out, self.head = nn.BatchNorm1d(8), nn.Linear(8, 1)

    def forward(self, x):
        if self.norms:
            x = self.norm_in(x)
        x = torch.tanh(self.body(x))
        return self.head(self.norm_out(x) if self.norms else x)


nets = [Net(norms=False), Net(norms=True)]
optimizers = [torch.optim.Adam(net.parameters(), lr=1e-2) for net in nets]
for step in range(10):
    x = torch.randn(16, 4)
    for net, optimizer in zip(nets, optimizers):
        loss = (net(x) - x.sum(1, keepdim=True)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
