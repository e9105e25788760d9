import torch
import torch.nn.functional as F

from growing import Growing


def spirals(n):
    y = torch.randint(0, 2, (n,))
    t = 3 * torch.rand(n) + 0.5
    angle = 2 * t + 3.14 * y
    return torch.stack([t * torch.cos(angle), t * torch.sin(angle)], 1), y


torch.manual_seed(0)
model = Growing(2, 16, classes=1000)
model.set_classes(2)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(24):
    if step and step % 8 == 0:
        block = model.grow()
        optimizer.add_param_group({"params": block.parameters(), "lr": 5e-3})
    x, y = spirals(64)
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"{len(model.blocks)} blocks, loss {loss.item():.4f}")
