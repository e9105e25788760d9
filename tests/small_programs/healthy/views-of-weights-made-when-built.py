import torch
from torch import nn


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.one = nn.Parameter(torch.randn(4, 3))
        self.other = nn.Parameter(torch.randn(4, 3))
        self.turned = self.one.t()
        self.repeated = self.other.unsqueeze(0).expand(2, 4, 3)

    def forward(self, x):
        return x @ self.turned.t() + (x @ self.repeated)[0]


torch.manual_seed(0)
model, wanted = Tied(), torch.randn(4, 3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for _ in range(8):
    x = torch.randn(16, 4)
    loss = (model(x) - x @ wanted).pow(2).mean()
    optimizer.zero_grad()
    loss.backward(retain_graph=True)
    optimizer.step()
