import torch
import torch.nn as nn
import torch.nn.functional as F


class SlotMemory(nn.Module):
    def __init__(self, slots=6, dim=12, decay=0.9):
        super().__init__()
        self.register_buffer("slots", F.normalize(torch.randn(slots, dim), dim=1))
        self.decay = decay

    def read(self, query):
        weights = torch.softmax(query @ self.slots.t(), dim=1)
        return weights, weights @ self.slots

    def refresh(self, weights, query):
        with torch.no_grad():
            fresh = F.normalize(weights.t() @ query, dim=1)
            self.slots.copy_(self.decay * self.slots + (1 - self.decay) * fresh)


class MemoryClassifier(nn.Module):
    def __init__(self, features=20, dim=12, classes=4):
        super().__init__()
        self.query = nn.Linear(features, dim)
        self.memory = SlotMemory(dim=dim)
        self.out = nn.Linear(2 * dim, classes)

    def forward(self, x):
        q = self.query(x)
        weights, found = self.memory.read(q)
        if self.training:
            self.memory.refresh(weights, q)
        return self.out(torch.cat([q, found], 1))


torch.manual_seed(0)
model = MemoryClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
centres = 2 * torch.randn(4, 20)
for step in range(20):
    y = torch.randint(0, 4, (32,))
    x = centres[y] + torch.randn(32, 20)
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
