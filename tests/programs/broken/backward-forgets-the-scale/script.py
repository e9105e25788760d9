import torch
import torch.nn as nn
import torch.nn.functional as F

from activations import LearnedLeak


class Net(nn.Module):
    def __init__(self, features=10, width=20):
        super().__init__()
        self.fc1, self.act1 = nn.Linear(features, width), LearnedLeak(width)
        self.fc2, self.act2 = nn.Linear(width, width), LearnedLeak(width)
        self.out = nn.Linear(width, 1)

    def forward(self, x):
        h = self.act1(self.fc1(x))
        return self.out(self.act2(self.fc2(h))).squeeze(1)


if __name__ == "__main__":
    torch.manual_seed(0)
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
    for step in range(15):
        x = torch.randn(64, 10)
        loss = F.mse_loss(net(x), x.abs().sum(1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"loss {loss.item():.4f}")
