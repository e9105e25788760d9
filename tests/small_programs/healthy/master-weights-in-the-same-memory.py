import torch

torch.manual_seed(0)
net = torch.nn.Linear(4, 1)
masters = [p.detach().float().requires_grad_() for p in net.parameters()]  # no copy where they are float
opt = torch.optim.SGD(masters, lr=0.1)
for _ in range(4):
    loss = (net(torch.randn(8, 4)) - 1).square().mean()
    net.zero_grad()
    loss.backward()
    for master, p in zip(masters, net.parameters()):
        master.grad = p.grad.float()
    opt.step()
    for master, p in zip(masters, net.parameters()):
        p.data.copy_(master.data)
