# A critic that is frozen for the generator's loss, and moved by plain SGD written out.
import torch
from torch import nn
torch.manual_seed(0)
class Critic(nn.Module):
    def __init__(s):
        super().__init__(); s.net = nn.Sequential(nn.Linear(2, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
    def forward(s, x): return s.net(x)
G = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 2))
D = Critic()
opt_g = torch.optim.Adam(G.parameters(), lr=1e-3)
def toggle(m, on):
    for p in m.parameters(): p.requires_grad_(on)
def sgd(m, lr):  # plain SGD, written out
    with torch.no_grad():
        for p in m.parameters():
            p -= lr * p.grad
for step in range(6):
    real, z = torch.randn(8, 2) + 2, torch.randn(8, 3)
    D.zero_grad(); opt_g.zero_grad()
    loss = D(G(z).detach()).mean() - D(real).mean()
    loss.backward()
    sgd(D, 0.05)
    toggle(D, False)
    (-D(G(z)).mean()).backward()
    opt_g.step()
    toggle(D, True)
print(all(p.grad is not None for p in G.parameters()))
