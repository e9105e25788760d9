import torch

torch.manual_seed(0)
net = torch.nn.Linear(4, 1)
average = [p.detach().clone() for p in net.parameters()]
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    loss = (net(torch.randn(8, 4)) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    with torch.no_grad():
        for slow, p in zip(average, net.parameters()):
            slow.lerp_(p, 0.01)
    backup = [p.data for p in net.parameters()]
    for slow, p in zip(average, net.parameters()):
        p.data.copy_(slow)
    with torch.no_grad():
        print(net(torch.ones(8, 4)).mean().item())
    for kept, p in zip(backup, net.parameters()):
        p.data.copy_(kept)  # <- values_copied
