import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

critic = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(critic.parameters())
for i in range(3):
    x = torch.randn(8, 4, requires_grad=True)
    s = critic(x)
    g, = torch.autograd.grad(s.sum(), x, retain_graph=True)  # <- graph_not_created
    loss = s.mean() + 10 * (g.norm(dim=1) - 1).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
