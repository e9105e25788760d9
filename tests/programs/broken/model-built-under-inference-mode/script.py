import torch
import torch.nn.functional as F

from factory import create

CONFIG = {"features": 9, "width": 18, "classes": 3}

torch.manual_seed(0)
model = create(CONFIG)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
rule = torch.randn(9, 3)
for step in range(8):
    x = torch.randn(32, 9)
    loss = F.cross_entropy(model(x), (x @ rule).argmax(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
