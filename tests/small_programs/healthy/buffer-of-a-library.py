import torch
from torch import nn

torch.manual_seed(0)

LIBRARY = """
class Quantizer(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("none", torch.tensor(0.0, requires_grad=True))

    def forward(self, x):
        return x + self.none
"""
exec(compile(LIBRARY, nn.__file__, "exec"))


class Own(Quantizer):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 1)

    def forward(self, x):
        return super().forward(self.fc(x))


net = nn.Sequential(nn.Linear(4, 4), Quantizer(), Own())
opt = torch.optim.Adam(net.parameters())
for _ in range(3):
    loss = net(torch.randn(8, 4)).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
