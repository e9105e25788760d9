"""A tensor that requires grad is no Parameter: a module that has nothing else gives an optimizer nothing."""
import torch
from torch import nn

torch.manual_seed(0)


class Temperature(nn.Module):
    def __init__(self):
        super().__init__()
        self.value = torch.ones(1, requires_grad=True)  # <- unregistered_parameter

    def forward(self, scores):
        return scores / self.value


net, scale = nn.Linear(4, 3), Temperature()
scores, labels = net(torch.randn(32, 4)).detach(), torch.randint(0, 3, (32,))
optimizer = torch.optim.LBFGS(scale.parameters(), lr=0.05)


def closure():
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(scale(scores), labels)
    loss.backward()
    return loss


optimizer.step(closure)
