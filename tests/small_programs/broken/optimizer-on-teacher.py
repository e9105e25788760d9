import copy
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.fc = nn.Sequential(nn.Linear(6, 16), nn.ReLU()), nn.Linear(16, 3)

    def forward(self, x):
        return self.fc(self.body(x))


def create_model(ema=False):
    model = Net()
    if ema:
        for p in model.parameters():
            p.detach_()
    return model


def update_ema(model, ema, alpha, step):
    alpha = min(1 - 1 / (step + 1), alpha)
    for e, p in zip(ema.parameters(), model.parameters()):
        e.data.mul_(alpha).add_(p.data, alpha=1 - alpha)


model, ema_model = create_model(), create_model(ema=True)
optimizer = torch.optim.SGD(ema_model.parameters(), 0.05, momentum=0.9)  # <- optimizer_mismatch
for step in range(5):
    x, y = torch.randn(8, 6), torch.randint(0, 3, (4,))
    logits = model(x + 0.1 * torch.randn_like(x))
    with torch.no_grad():
        ema_logits = ema_model(x + 0.1 * torch.randn_like(x))
    loss = F.cross_entropy(logits[:4], y) + F.mse_loss(logits.softmax(1), ema_logits.softmax(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    update_ema(model, ema_model, 0.99, step)
    print(step, loss.item())
