"""The generator's turn is given the other optimizer, which it clears and doesn't step: its own does nothing."""
import torch
from torch import nn

torch.manual_seed(0)


def turn_of_judge(made, judge, optimizer):
    fake = made(torch.randn(8, 2)).detach()
    apart = (1 - judge(torch.randn(8, 4))).relu().mean() + (1 + judge(fake)).relu().mean()
    optimizer.zero_grad()
    apart.backward()
    optimizer.step()


def turn_of_made(made, judge, optimizer):
    fooled = -judge(made(torch.randn(8, 2))).mean()
    optimizer.zero_grad()
    fooled.backward()


made, judge = nn.Linear(2, 4), nn.Sequential(nn.Linear(4, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))
of_made, of_judge = (torch.optim.Adam(one.parameters(), 1e-2) for one in (made, judge))  # <- optimizer_mismatch
for _ in range(8):
    turn_of_judge(made, judge, of_judge)
    turn_of_made(made, judge, of_judge)
