import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, d=6, hidden=32, classes=3):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), nn.Dropout(0.2))
        self.head = nn.Linear(hidden, classes)

    def forward(self, x):
        return self.head(self.features(x))


class MeanTeacher:
    def __init__(self, make, decay=0.97):
        self.student, self.teacher = make(), make()
        self.teacher.load_state_dict(self.student.state_dict())
        self.decay = decay

    @torch.no_grad()
    def labels(self, x):
        return self.teacher(x).softmax(-1)

    def follow(self, step):
        decay = min(self.decay, 1 - 1 / (step + 2))
        state = self.student.state_dict()
        for name, value in self.teacher.state_dict().items():
            value.copy_(decay * value + (1 - decay) * state[name])


def ramp_up(step, length=20):
    return 0.0 if step == 0 else math.exp(-5 * (1 - min(step / length, 1)) ** 2)


def noisy(x):
    return x + 0.15 * torch.randn_like(x)


torch.manual_seed(0)
pair = MeanTeacher(Classifier)
opt = torch.optim.Adam(pair.student.parameters(), lr=5e-3)
centres = torch.randn(3, 6) * 1.5
for step in range(30):
    y = torch.randint(0, 3, (72,))
    x = centres[y] + torch.randn(72, 6)
    few, few_y = x[:8], y[:8]
    supervised = F.cross_entropy(pair.student(noisy(few)), few_y)
    consistency = F.mse_loss(pair.student(noisy(x)).softmax(-1), pair.labels(noisy(x)))
    loss = supervised + 5.0 * ramp_up(step) * consistency
    opt.zero_grad()
    loss.backward()
    opt.step()
    pair.follow(step)
with torch.no_grad():
    accuracy = (pair.teacher.eval()(x).argmax(1) == y).float().mean()
print(f"loss {loss.item():.4f} consistency {consistency.item():.5f} teacher accuracy {accuracy:.3f}")
