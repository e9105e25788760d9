import torch
from torch import nn

torch.manual_seed(0)


def learnt_before():
    net = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
    opt = torch.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(2):
        opt.zero_grad()
        net(torch.randn(6, 4)).square().mean().backward()
        opt.step()
    return net.state_dict()


body, head = nn.Sequential(nn.Linear(4, 4), nn.Tanh()), nn.Linear(4, 1)
body.load_state_dict(learnt_before())
body.requires_grad_(False)
net = nn.Sequential(body, head)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)  # <- optimizer_mismatch
for step in range(6):
    if step == 2:
        body.requires_grad_(True)
    opt.zero_grad()
    net(torch.randn(6, 4)).square().mean().backward()
    opt.step()
