import torch

torch.manual_seed(0)
RATE = 0.0
net = torch.nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=RATE)  # <- other
for _ in range(4):
    loss = (net(torch.randn(8, 4)) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
