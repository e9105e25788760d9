import torch
from torch import nn

torch.manual_seed(0)


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.decay = nn.Parameter(torch.zeros(4))
        self.register_buffer("v", torch.zeros(4))

    def reset(self):
        self.v.zero_()  # <- double_backward

    def forward(self, x):
        for t in range(3):
            self.v = torch.sigmoid(self.decay) * self.v + x[t]
        return self.v


net = Cell()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    net.reset()
    loss = net(torch.randn(3, 4)).sum()
    opt.zero_grad()
    loss.backward()
    opt.step()
