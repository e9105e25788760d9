import torch


def init_factor(rows, rank, scale=0.1):
    return torch.randn(rows, rank, requires_grad=True) * scale


class Factorisation:
    def __init__(self, users, items, rank=4):
        self.users = init_factor(users, rank)
        self.items = init_factor(items, rank)
        self.bias = torch.zeros(items, requires_grad=True)

    def parameters(self):
        return [self.users, self.items, self.bias]

    def __call__(self, u, i):
        return (self.users[u] * self.items[i]).sum(-1) + self.bias[i]


def ratings(n, users=20, items=15):
    u, i = torch.randint(0, users, (n,)), torch.randint(0, items, (n,))
    return u, i, torch.sin(u.float()) * torch.cos(i.float())


torch.manual_seed(0)
model = Factorisation(20, 15)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for epoch in range(5):
    u, i, r = ratings(256)
    loss = (model(u, i) - r).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"epoch {epoch} rmse {loss.item() ** 0.5:.4f}")
