import torch
import torch.nn as nn
import torch.nn.functional as F


class SmallCNN(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3, padding=1)
        self.conv2 = nn.Conv2d(6, 6, 3, padding=1)
        self.fc = nn.Linear(6 * 4, 3)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def bars(n):
    y = torch.randint(0, 3, (n,))
    x = 0.2 * torch.rand(n, 1, 8, 8)
    for i, k in enumerate(y.tolist()):
        x[i, 0, :, 2 * k + 1] += 0.8
    return x.clamp(0, 1), y


def fgsm(model, x, y, eps):
    x = x.clone().requires_grad_(True)
    F.cross_entropy(model(x), y).backward()
    direction = x.grad.data.sign()
    model.zero_grad()
    return (x.data + eps * direction).clamp(0, 1)


def main():
    torch.manual_seed(0)
    model = SmallCNN()
    optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
    for step in range(30):
        x, y = bars(48)
        hard = fgsm(model, x, y, eps=0.1)
        loss = 0.5 * F.cross_entropy(model(x), y) + 0.5 * F.cross_entropy(model(hard), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 10 == 0:
            print(f"step {step:2d} loss {loss.item():.4f}")
    x, y = bars(96)
    for eps in (0.0, 0.1, 0.2):
        adv = fgsm(model, x, y, eps)
        print(f"eps {eps} accuracy {(model(adv).argmax(1) == y).float().mean().item():.3f}")


main()
