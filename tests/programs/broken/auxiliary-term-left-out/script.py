import torch
from losses import total_loss
from net import MultiTask

CONFIG = {
    "tasks": ["depth", "normals"],
    "width": 16,
    "loss": {"depth": 1.0, "normal": 0.5},
}


def scenes(n):
    x = torch.randn(n, 8)
    depth = x[:, :3].abs().sum(1, keepdim=True)
    normals = torch.nn.functional.normalize(x[:, 3:6], dim=1)
    return x, {"depth": depth, "normals": normals}


torch.manual_seed(0)
net = MultiTask(CONFIG["tasks"], CONFIG["width"])
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for step in range(10):
    x, targets = scenes(32)
    outputs = net(x)
    loss = total_loss(outputs, targets, CONFIG["loss"])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
