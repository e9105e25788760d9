import torch
import torch.nn as nn


class TinyResNet(nn.Module):
    def __init__(self, classes=6, width=8):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()
        )
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.pool = nn.AdaptiveAvgPool2d(2)
        self.fc = nn.Linear(4 * width, classes)

    def forward(self, x):
        x = self.stem(x)
        x = torch.relu(x + self.bn1(self.conv1(x)))
        return self.fc(self.pool(x).flatten(1))


def pretrained_state():
    """Stands for a download: fixed weights from a generator of its own."""
    g = torch.Generator().manual_seed(7)
    model = TinyResNet()
    state = model.state_dict()
    return {k: 0.2 * torch.randn(v.shape, generator=g) if v.dim() > 1 else v for k, v in state.items()}
