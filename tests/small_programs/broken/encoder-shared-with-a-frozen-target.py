import copy, torch
from torch import nn
torch.manual_seed(0)

class Branch(nn.Module):
    def __init__(self, encoder, head):
        super().__init__(); self.encoder, self.head = encoder, head
    def forward(self, x): return self.head(self.encoder(x))

class Byol(nn.Module):
    def __init__(self):
        super().__init__()
        self.online = Branch(nn.Linear(4, 4), nn.Linear(4, 2))
        self.target = Branch(self.online.encoder, copy.deepcopy(self.online.head))
        for p in self.target.parameters():
            p.requires_grad_(False)  # <- frozen_leaf
    def forward(self, x):
        with torch.no_grad():
            wanted = self.target(x)
        return (self.online(x + 0.1) - wanted).square().mean()

model = Byol(); opt = torch.optim.SGD(model.online.parameters(), lr=0.1)
for _ in range(3):
    loss = model(torch.randn(8, 4))
    opt.zero_grad(); loss.backward(); opt.step()
