import torch
from torch import nn

torch.manual_seed(0)

LIBRARY = """
class Embeddings(nn.Module):
    def __init__(self):
        super().__init__()
        self.start, self.mask_token = nn.Parameter(torch.zeros(8)), nn.Parameter(torch.zeros(8))
        self.patches = nn.Linear(4, 8)

    def forward(self, x, masked=None):
        x = self.patches(x) + self.start
        return x if masked is None else torch.where(masked, self.mask_token, x)


class Backbone(nn.Module):
    def __init__(self):
        super().__init__()
        self.embeddings, self.layer = Embeddings(), nn.Linear(8, 8)

    def forward(self, x):
        return self.layer(self.embeddings(x))
"""
exec(compile(LIBRARY, nn.__file__, "exec"))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = Backbone()
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        return self.head(self.backbone(x))


net = Classifier()
opt = torch.optim.Adam(net.parameters())
for _ in range(4):
    loss = net(torch.randn(8, 4)).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
