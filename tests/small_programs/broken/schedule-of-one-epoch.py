import torch
from torch import nn
from torch.optim.lr_scheduler import LambdaLR

torch.manual_seed(0)
EPOCHS = 5
net = nn.Linear(4, 1)
optimizer = torch.optim.AdamW(net.parameters(), lr=1e-3)
scheduler = LambdaLR(optimizer, lambda epoch: max(0.0, 1 - epoch / EPOCHS))  # <- other
x = torch.randn(48, 4)
for _ in range(EPOCHS):
    for batch in x.split(8):
        loss = (net(batch) - batch[:, :1]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        scheduler.step()
