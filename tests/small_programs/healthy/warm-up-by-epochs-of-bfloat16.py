import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 3)).bfloat16()
opt = torch.optim.AdamW(net.parameters(), lr=6e-3, weight_decay=0.0)
warmup = torch.optim.lr_scheduler.LambdaLR(opt, lambda epoch: min(1.0, (epoch + 1) / 4))
x = torch.randn(64, 8).bfloat16(); y = torch.randint(0, 3, (64,))
for epoch in range(5):
    for _ in range(18):
        loss = F.cross_entropy(net(x).float(), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    warmup.step()
