import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Tagger(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.embed, self.mix, self.norm = nn.Linear(16, width), nn.Linear(width, width), nn.LayerNorm(width)
        self.out = nn.Linear(width, 4)

    def forward(self, x):
        return self.out(self.norm(F.gelu(self.mix(self.embed(x)))))

model = Tagger().to(torch.bfloat16)  # <- other
opt = torch.optim.SGD(model.parameters(), lr=1e-4)
x = torch.randn(64, 16).bfloat16(); y = torch.randint(0, 4, (64,))
for step in range(12):
    loss = F.cross_entropy(model(x).float(), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
