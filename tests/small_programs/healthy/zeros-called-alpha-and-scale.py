import torch
from torch import nn


class Mixed(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.first, self.second = nn.Linear(size, size), nn.Linear(size, size)
        self.alphas = torch.zeros(2)  # of equal weights, by a softmax
        self.scale = torch.zeros(size)  # raised step by step
        self.alpha = torch.ones(size)  # an option's
        self.slope = torch.zeros(6, 1)  # of samples

    def forward(self, x):
        one, other = self.first(x), self.second(x)
        mix = torch.softmax(self.alphas, 0)
        out = mix[0] * one + mix[1] * other + self.scale * other * self.alpha
        return out + self.slope * one

    def warm_up(self):
        self.scale += 0.1


torch.manual_seed(0)
model, head = Mixed(4), nn.Linear(4, 1)
optimizer = torch.optim.SGD([*model.parameters(), *head.parameters()], lr=0.01)
for step in range(8):
    loss = head(model(torch.randn(6, 4))).sub(1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step > 100:
        model.warm_up()
