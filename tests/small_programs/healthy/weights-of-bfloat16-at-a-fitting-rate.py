import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

model = nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.LayerNorm(32), nn.Linear(32, 4)).to(torch.bfloat16)
opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
x = torch.randn(64, 16).bfloat16(); y = torch.randint(0, 4, (64,))
for step in range(12):
    loss = F.cross_entropy(model(x).float(), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
