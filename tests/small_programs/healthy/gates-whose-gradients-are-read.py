# The importance of heads: gates stay at one, and their gradients are what is wanted.
import torch
from torch import nn
torch.manual_seed(0)
class Gate:
    def __init__(s, n, value): s.value, s.total = value, torch.zeros(n)
    def __call__(s, x): return x * s.value
    def collect(s):
        s.total += s.value.grad.abs(); s.value.grad = None
class Layer(nn.Module):
    def __init__(s, n):
        super().__init__(); s.fc = nn.Linear(n, n)
        s.gate = Gate(n, nn.Parameter(torch.ones(n)))
    def forward(s, x): return s.gate(s.fc(x).relu())
net = nn.Sequential(Layer(4), Layer(4), nn.Linear(4, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(5):
    x = torch.randn(8, 4)
    opt.zero_grad(); (net(x) - x.sum(1, keepdim=True)).pow(2).mean().backward(); opt.step()
    for layer in list(net)[:2]: layer.gate.collect()
print(net[0].gate.total)
