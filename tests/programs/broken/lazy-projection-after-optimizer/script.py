import torch
import torch.nn.functional as F

from fusion import Fusion

torch.manual_seed(0)
model = Fusion(width=12, classes=3)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
rule = torch.randn(17, 3)
for step in range(10):
    image, text = torch.randn(32, 10), torch.randn(32, 7)
    y = (torch.cat([image, text], 1) @ rule).argmax(1)
    loss = F.cross_entropy(model(image, text), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
