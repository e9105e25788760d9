import torch
import torch.nn as nn
import torch.nn.functional as F
from pruning import Pruner, finite

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))
pruner = Pruner(net, share=0.7)
net[4].bias.register_hook(lambda grad: 0.1 * grad)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
skipped = 0
for step in range(40):
    x = torch.randn(64, 6)
    if step % 12 == 5:
        x[0, 0] = float("nan")  # a broken sensor
    y = (x[:, :1] * x[:, 1:2]).tanh()
    loss = F.smooth_l1_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    if not finite(net.parameters()):
        skipped += 1
        continue
    optimizer.step()
zero = (net[2].weight == 0).float().mean().item()
print(f"loss {loss.item():.4f}, {skipped} batches skipped, {zero:.2f} of the weights are zero")
