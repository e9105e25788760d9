import copy, torch
from torch import nn
torch.manual_seed(0)

class Branch(nn.Module):
    def __init__(self, encoder, head):
        super().__init__(); self.encoder, self.head = encoder, head
    def forward(self, x): return self.head(self.encoder(x))

def freeze(module):
    for p in module.parameters():
        p.requires_grad_(False)

backbone = nn.Linear(4, 4)
freeze(backbone)
online = Branch(backbone, nn.Linear(4, 2))
target = Branch(backbone, copy.deepcopy(online.head))
freeze(target)
opt = torch.optim.SGD(online.parameters(), lr=0.1)
for _ in range(3):
    x = torch.randn(8, 4)
    loss = (online(x + 0.1) - target(x)).square().mean()
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        for mine, theirs in zip(online.head.parameters(), target.head.parameters()):
            theirs.lerp_(mine, 0.1)
