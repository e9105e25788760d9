import torch
from torch import nn

torch.manual_seed(0)


class Momentum(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder_q, self.head = nn.Linear(8, 4), nn.Linear(4, 4)
        self.encoder_k = self.encoder_q
        for q, k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
            k.data.copy_(q.data)
            k.requires_grad = False  # <- frozen_leaf

    def forward(self, x):
        return self.head(self.encoder_q(x)), self.encoder_k(x)


net = Momentum()
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(4):
    q, k = net(torch.randn(6, 8))
    loss = (q - k).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
