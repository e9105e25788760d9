import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
body, head = nn.Linear(4, 16), nn.Linear(16, 1, bias=False)
optimizer = torch.optim.Adam(head.parameters())
for fold in range(10):
    optimizer.zero_grad()
    x = torch.randn(64, 4)
    y = x.sum(1, keepdim=True)
    with torch.no_grad():
        head.weight.copy_(torch.linalg.lstsq(torch.tanh(body(x)), y).solution.T)
    loss = F.mse_loss(head(torch.tanh(body(x))), y)
    print(fold, loss.item())
