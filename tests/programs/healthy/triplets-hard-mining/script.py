import torch
import torch.nn as nn
import torch.nn.functional as F
from mining import triplet_loss


class Embedder(nn.Module):
    def __init__(self, d_in=6, d=8):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d_in, 32), nn.PReLU(), nn.Linear(32, d))

    def forward(self, x):
        return F.normalize(self.net(x), dim=1)


class Identities:
    def __init__(self, people=10):
        self.faces = 1.5 * torch.randn(people, 6)

    def sample(self, classes=4, each=4):
        y = torch.randperm(len(self.faces))[:classes].repeat_interleave(each)
        return self.faces[y] + 0.35 * torch.randn(len(y), 6), y


torch.manual_seed(3)
net, people = Embedder(), Identities()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.5)
satisfied = []
for step in range(60):
    x, y = people.sample()
    loss, active = triplet_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if active == 0:
        satisfied.append(step)
    if step % 15 == 0:
        print(f"step {step:2d} loss {loss.item():.4f} active {active}")
print(f"{len(satisfied)} batches without a violation, at", satisfied)
