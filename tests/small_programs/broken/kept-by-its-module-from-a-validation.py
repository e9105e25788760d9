"""A module keeps what it computes of a parameter, and first does so in a validation before training."""
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


class Bias(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.known = nn.Embedding(4, 4), {}

    def forward(self, length):
        if length not in self.known:
            bias = self.table(torch.arange(length))
            self.known[length] = bias.tanh().unsqueeze(0)  # <- no_grad
        return self.known[length]


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.bias, self.out = Bias(), nn.Linear(4, 4)

    def forward(self, x):
        return self.out(torch.relu(x)) + self.bias(x.shape[1])


def validate(net):
    with torch.no_grad():
        return F.mse_loss(net(torch.randn(2, 4, 4)), torch.ones(2, 4, 4)).item()


net = Net()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
print(validate(net))
for _ in range(4):
    loss = F.mse_loss(net(torch.randn(2, 4, 4)), torch.ones(2, 4, 4))
    opt.zero_grad()
    loss.backward()
    opt.step()
