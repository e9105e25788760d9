import torch
import torch.nn as nn
import torch.nn.functional as F


class Round(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.message, self.update = nn.Linear(dim, dim), nn.GRUCell(dim, dim)

    def forward(self, h, adjacency):
        return self.update(adjacency @ torch.relu(self.message(h)), h)


class GraphNet(nn.Module):
    def __init__(self, features=4, dim=10, rounds=2):
        super().__init__()
        self.encode = nn.Linear(features, dim)
        self.rounds = nn.ModuleList(Round(dim) for _ in range(rounds))
        self.read = nn.Linear(dim, 1)

    def forward(self, x, adjacency):
        h = torch.tanh(self.encode(x))
        for layer in self.rounds:
            h = layer(h.detach(), adjacency)
        return self.read(h).mean(0)


def graphs(n, nodes=8):
    for _ in range(n):
        upper = (torch.rand(nodes, nodes) < 0.3).float().triu(1)
        adjacency = upper + upper.t()
        x = torch.randn(nodes, 4)
        yield x, adjacency, (adjacency @ x[:, :1]).tanh().mean(0)


torch.manual_seed(0)
model = GraphNet()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for epoch in range(2):
    for x, adjacency, y in graphs(8):
        loss = F.mse_loss(model(x, adjacency), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} {loss.item():.5f}")
