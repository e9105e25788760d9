import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
other = nn.Linear(4, 1)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
momentum = torch.optim.SGD(other.parameters(), lr=1e-2)
for _ in range(8):
    x = torch.randn(16, 4)
    target = x.sum(1, keepdim=True)
    weights = [*net.parameters()]
    gradients = torch.autograd.grad((net(x) - target).square().mean(), weights)
    for weight, gradient in zip(weights, gradients):
        weight.grad = gradient
    optimizer.step()
    optimizer.zero_grad()
    slopes = torch.autograd.grad((other(x) - target).square().mean(), [*other.parameters()])
    with torch.no_grad():
        for weight, slope in zip(other.parameters(), slopes):
            weight -= 0.1 * slope
    momentum.step()
