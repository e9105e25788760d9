import torch
import torch.nn as nn
import torch.nn.functional as F


class FaceNet(nn.Module):
    def __init__(self, features=15, width=20):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(features, width), nn.Tanh())
        self.age, self.smile = nn.Linear(width, 1), nn.Linear(width, 2)

    def forward(self, x):
        h = self.trunk(x)
        return self.age(h).squeeze(1), self.smile(h)


class Task:
    def __init__(self, name, criterion, weight=1.0):
        self.name, self.criterion, self.weight = name, criterion, weight

    def learn(self, output, target):
        loss = self.weight * self.criterion(output, target)
        loss.backward()
        return loss.item()


def faces(n):
    x = torch.randn(n, 15)
    return x, (x[:, 0].abs(), (x[:, 1] > 0).long())


torch.manual_seed(0)
net = FaceNet()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
tasks = [Task("age", F.l1_loss, 0.5), Task("smile", F.cross_entropy)]
for step in range(10):
    x, targets = faces(32)
    outputs = net(x)
    optimizer.zero_grad()
    losses = {task.name: task.learn(o, t) for task, o, t in zip(tasks, outputs, targets)}
    optimizer.step()
    print(step, losses)
