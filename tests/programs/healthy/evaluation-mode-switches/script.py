import torch
import torch.nn as nn
import torch.nn.functional as F
from evaluate import confusion, embed, f1


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(5, 32), nn.ReLU(), nn.Dropout(0.1))
        self.classifier = nn.Linear(32, 3)

    def forward(self, x):
        return self.classifier(self.features(x))


def batch(n):
    x = torch.randn(n, 5)
    return x, torch.bucketize(x[:, 0] * x[:, 1] + x[:, 2], torch.tensor([-0.6, 0.6]))


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
validation = [batch(64) for _ in range(2)]
for epoch in range(4):
    for _ in range(12):
        x, y = batch(64)
        loss = F.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    score = f1(confusion(net, validation, 3))
    try:
        confusion(net, [batch(0)], 3)
    except ValueError as error:
        net.train()
        print("skipped", error, "- grad mode is", torch.is_grad_enabled())
    print(f"epoch {epoch} loss {loss.item():.4f} f1 {score:.3f} spread {embed(net, x).std():.3f}")
