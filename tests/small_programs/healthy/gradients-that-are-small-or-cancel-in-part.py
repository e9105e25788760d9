import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


def train(parameters, compute):
    optimizer = torch.optim.SGD(list(parameters), lr=0.01)
    for step in range(6):
        loss = compute(torch.randn(16, 6))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


# a bias before a norm gets rounding, by design
normed = nn.Sequential(nn.Linear(6, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 1))
train(normed.parameters(), lambda x: (normed(x) - x.sum(1, keepdim=True)).pow(2).mean())

# a deep net whose first layers get next to nothing
deep = nn.Sequential(*[layer for _ in range(12) for layer in (nn.Linear(6, 6), nn.Sigmoid())])
train(deep.parameters(), lambda x: (deep(x) - x).pow(2).mean())

# a term that weighs next to nothing, beside one that does
main, beside = nn.Linear(6, 6), nn.Linear(6, 6)
train(
    [*main.parameters(), *beside.parameters()],
    lambda x: (main(x) - x).pow(2).mean() + 1e-9 * (beside(x) - x).pow(2).mean(),
)

# the two ways cancel, and a third remains
shared, head = nn.Linear(6, 4), nn.Linear(4, 1)


def contrast(x):
    h = shared(x)
    twins = torch.stack([head(h), head(h)], 1).softmax(1)
    return (twins * torch.randn(16, 2, 1)).sum() + (head(h) - x.sum(1, keepdim=True)).pow(2).mean()


train([*shared.parameters(), *head.parameters()], contrast)

# what is shared cancels to a high degree as long as both are nearly alike
online = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4))
train(
    online.parameters(),
    lambda x: F.mse_loss(online(x), online(x + 1e-3 * torch.randn_like(x))) + online(x).square().mean(),
)

# nearly fitted when it begins
fitted = nn.Linear(6, 6, bias=False)
with torch.no_grad():
    fitted.weight.copy_(torch.eye(6) * (1 + 1e-7))
train(fitted.parameters(), lambda x: (fitted(x) - x).pow(2).mean())
