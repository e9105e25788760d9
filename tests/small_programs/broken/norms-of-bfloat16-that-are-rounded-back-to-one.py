import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm, self.up, self.down = nn.LayerNorm(width), nn.Linear(width, 64), nn.Linear(64, width)

    def forward(self, x):
        return x + self.down(F.silu(self.up(self.norm(x))))

class Draft(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.blocks = nn.Sequential(*[Block(width) for _ in range(2)])
        self.head = nn.Linear(width, 5)

    def forward(self, x):
        return self.head(self.blocks(x))

draft = Draft()
draft.bfloat16()  # <- other
opt = torch.optim.AdamW(draft.parameters(), lr=1e-3, weight_decay=0.0)
x = torch.randn(64, 32).bfloat16(); y = torch.randint(0, 5, (64,))
for step in range(16):
    loss = F.cross_entropy(draft(x).float(), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
