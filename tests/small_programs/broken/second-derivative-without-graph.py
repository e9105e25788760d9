import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters())


def slope(y, x):
    return torch.autograd.grad(y, x, torch.ones_like(y), create_graph=True)[0]


for _ in range(2):
    x = torch.rand(16, 1, requires_grad=True)
    t = torch.rand(16, 1, requires_grad=True)
    u = net(torch.cat([x, t], 1))
    u_t, u_x = slope(u, t), slope(u, x)
    u_xx = torch.autograd.grad(u_x, x, torch.ones_like(u_x), retain_graph=True)[0]  # <- graph_not_created
    loss = (u_t - 0.1 * u_xx).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
