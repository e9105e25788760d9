import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
groups = [{"params": net[0].parameters(), "lr": 0.0}, {"params": net[2].parameters()}]
opt = torch.optim.SGD(groups, lr=0.1)
schedule = torch.optim.lr_scheduler.LambdaLR(opt, lambda step: 0.9**step)
for step in range(10):
    if step == 4:
        opt.param_groups[0]["lr"] = 0.01  # <- other
    loss = (net(torch.randn(8, 4)) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    schedule.step()
