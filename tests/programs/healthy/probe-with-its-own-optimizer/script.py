import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)

enc, head, probe = nn.Linear(8, 8), nn.Linear(8, 1), nn.Linear(8, 1)
o1 = torch.optim.Adam([*enc.parameters(), *head.parameters()])
o2 = torch.optim.Adam(probe.parameters())
for step in range(10):
    x, y = torch.randn(16, 8), torch.randn(16, 1)
    h = torch.tanh(enc(x))
    loss = F.mse_loss(head(h), y) + F.mse_loss(probe(h.detach()), y)
    o1.zero_grad(); o2.zero_grad()
    loss.backward()
    o1.step(); o2.step()
