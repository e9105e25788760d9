import torch
from torch import nn

torch.manual_seed(0)


class Made(nn.Module):
    def __init__(self):
        super().__init__()
        self.style, self.body = nn.Linear(2, 4), nn.Linear(4, 3)

    def forward(self, z):
        style = self.style(z).detach()  # <- detach
        return self.body(style)


def train():
    made, judge = Made(), nn.Linear(3, 1)
    opt_made, opt_judge = (torch.optim.Adam(one.parameters(), 1e-2) for one in (made, judge))

    def turn(learns):
        made.requires_grad_(learns is made)
        judge.requires_grad_(learns is judge)
        learns.zero_grad()
        fooled = judge(made(torch.randn(8, 2))).sigmoid().mean()
        if learns is judge:
            (fooled - judge(torch.randn(8, 3)).sigmoid().mean()).backward()
            opt_judge.step()
        else:
            (-fooled).backward()
            opt_made.step()

    for _ in range(6):
        turn(judge)
        turn(made)
        turn(judge)


train()
