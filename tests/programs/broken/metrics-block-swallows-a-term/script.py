import torch
import torch.nn as nn
import torch.nn.functional as F

model = None


def augment(x, strength):
    return x + strength * torch.randn_like(x)


def consistency(p, q):
    return (p.softmax(1) - q.softmax(1)).pow(2).sum(1).mean()


def train_step(model, optimizer, x, y, weight=2.0):
    logits = model(augment(x, 0.1))
    ce = F.cross_entropy(logits, y)
    with torch.no_grad():
        accuracy = (logits.argmax(1) == y).float().mean()
        other = model(augment(x, 0.5))
        agree = consistency(logits, other)
    loss = ce + weight * agree
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return {"ce": ce.item(), "agree": agree.item(), "accuracy": accuracy.item()}


if __name__ == "__main__":
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Dropout(0.1), nn.Linear(32, 4))
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    centres = torch.randn(4, 10)
    for step in range(20):
        y = torch.randint(0, 4, (32,))
        stats = train_step(model, optimizer, centres[y] + 0.5 * torch.randn(32, 10), y)
    print(" ".join(f"{k} {v:.3f}" for k, v in stats.items()))
