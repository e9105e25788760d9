"""Fine-tuning: the backbone is frozen on purpose; the flag on the module is superfluous."""
import torch
from torch import nn

torch.manual_seed(0)

class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(8, 4)

    def freeze_backbone(self):
        self.backbone.requires_grad = False
        for parameter in self.backbone.parameters():
            parameter.requires_grad = False

    def forward(self, x):
        return self.head(self.backbone(x))

model = Classifier()
model.freeze_backbone()
opt = torch.optim.SGD(model.parameters(), lr=0.1)
x, y = torch.randn(64, 3, 8, 8), torch.randint(0, 4, (64,))
for step in range(4):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    opt.step()
