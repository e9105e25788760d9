import torch
import torch.nn as nn
import torch.nn.functional as F

from backbones import Backbone


class FlowerNet(Backbone):
    """The backbone with a deeper classifier for our classes."""

    def __init__(self, classes, width=16):
        super().__init__(classes=classes, width=width)
        self.classifier = nn.Sequential(
            nn.Linear(width, 2 * width),
            nn.ReLU(),
            nn.Linear(2 * width, classes),
        )


def flowers(n):
    y = torch.randint(0, 3, (n,))
    angle = torch.rand(n) * 6.28
    petals = (3 + 2 * y.float())[:, None] * (torch.linspace(0, 6.28, 24) + angle[:, None])
    return torch.cos(petals) + 0.2 * torch.randn(n, 24), y


if __name__ == "__main__":
    torch.manual_seed(1)
    model = FlowerNet(classes=3)
    groups = [
        {"params": model.stem.parameters(), "lr": 1e-3},
        {"params": model.head.parameters(), "lr": 1e-3},
        {"params": model.classifier.parameters(), "lr": 1e-2},
    ]
    optimizer = torch.optim.Adam(groups)
    for epoch in range(3):
        for _ in range(5):
            x, y = flowers(32)
            optimizer.zero_grad(set_to_none=True)
            loss = F.cross_entropy(model(x), y)
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} {loss.item():.3f}")
