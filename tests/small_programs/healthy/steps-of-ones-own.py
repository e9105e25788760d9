"""An optimizer only clears gradients: steps are written out. Another goes with a model that is only looked at."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 1)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(10):
    x = torch.randn(16, 4)
    loss = (net(x) - x.sum(1, keepdim=True)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    with torch.no_grad():
        for weight in net.parameters():
            weight -= 0.1 * weight.grad

judge = nn.Linear(4, 1)
restored = torch.optim.SGD(judge.parameters(), lr=0.1)
image = torch.randn(16, 4, requires_grad=True)
for _ in range(10):
    judge.zero_grad()
    judge(image).sum().backward()
    with torch.no_grad():
        image += 0.1 * image.grad.sign()
    image.grad = None
