import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3)); opt = torch.optim.SGD(net.parameters(), 0.1)
image = torch.randn(5, 6, requires_grad=True); label = torch.randint(0, 3, (5,))
for step in range(5):
    opt.zero_grad()
    F.cross_entropy(net(torch.randn(16, 6)), torch.randint(0, 3, (16,))).backward()
    opt.step()
examples = []
for size in (0.01, 0.05, 0.1):
    image.grad = None
    F.cross_entropy(net(image), label).backward()
    with torch.no_grad():
        examples.append(image + size * image.grad.sign())
        near = image - size * image.grad
        print(size, near.norm().item())
