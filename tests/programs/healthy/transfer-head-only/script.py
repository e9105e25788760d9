import torch
import torch.nn as nn
from backbone import TinyResNet, pretrained_state
from torch.utils.data import DataLoader, TensorDataset


def stripes(n):
    y = torch.randint(0, 2, (n,))
    x = 0.3 * torch.randn(n, 1, 8, 8)
    x[y == 0, :, ::2] += 1.0
    x[y == 1, :, :, ::2] += 1.0
    return TensorDataset(x, y)


class FineTuned(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.backbone = TinyResNet()
        self.backbone.load_state_dict(pretrained_state())
        for param in self.backbone.parameters():
            param.requires_grad = False
        self.backbone.fc = nn.Linear(self.backbone.fc.in_features, classes)  # new layers require grad again

    def train(self, mode=True):
        super().train(mode)
        for module in self.backbone.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, x):
        return self.backbone(x)


torch.manual_seed(0)
model = FineTuned(classes=2)
optimizer = torch.optim.SGD(model.backbone.fc.parameters(), lr=0.05, momentum=0.9)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
criterion = nn.CrossEntropyLoss()
for epoch in range(3):
    model.train()
    running, correct, seen = 0.0, 0, 0
    for x, y in DataLoader(stripes(128), batch_size=16, shuffle=True):
        optimizer.zero_grad()
        out = model(x)
        _, preds = torch.max(out, 1)
        loss = criterion(out, y)
        loss.backward()
        optimizer.step()
        running += loss.item() * x.size(0)
        correct += torch.sum(preds == y.data)
        seen += x.size(0)
    scheduler.step()
    print(f"epoch {epoch} loss {running / seen:.4f} acc {correct.double() / seen:.4f}")
