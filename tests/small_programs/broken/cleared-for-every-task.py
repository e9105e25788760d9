import torch
import torch.nn as nn

torch.manual_seed(0)
body, heads = nn.Linear(4, 4), nn.ModuleList([nn.Linear(4, 1) for _ in range(3)])
opt = torch.optim.SGD([*body.parameters(), *heads.parameters()], lr=0.1)


def part(head):
    opt.zero_grad()  # <- grad_cleared
    loss = (head(body(torch.randn(8, 4))) - 1).square().mean()
    loss.backward()


for _ in range(4):
    for head in heads:
        part(head)
    opt.step()
