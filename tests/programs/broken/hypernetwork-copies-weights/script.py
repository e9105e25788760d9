import torch
import torch.nn.functional as F

from hyper import HyperRegressor

torch.manual_seed(0)
model = HyperRegressor(tasks=4, features=5)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
slopes = torch.randn(4, 5)
for step in range(16):
    k = step % 4
    x = torch.randn(32, 5)
    loss = F.mse_loss(model(x, k), x @ slopes[k])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if k == 3:
        print(f"step {step} loss {loss.item():.4f}")
