import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(0)
actor, critic = nn.Linear(3, 2), nn.Linear(5, 1)
heat = nn.Parameter(torch.tensor(0.0))
optimizers = [torch.optim.Adam(each, 1e-2) for each in (critic.parameters(), actor.parameters(), [heat])]
for _ in range(4):
    seen, reward = torch.randn(8, 3), torch.randn(8)
    action = actor(seen).tanh()
    fixed = {name: one.detach() for name, one in critic.named_parameters()}
    gain = functional_call(critic, fixed, (torch.cat([seen, action], 1),)).squeeze(1)
    fit = (critic(torch.cat([seen, action.detach()], 1)).squeeze(1) - reward).square().mean()
    spread = action.square().sum(1)
    loss = (heat.detach().exp() * spread - gain).mean() + fit - (heat * (spread.detach() - 0.5)).mean()
    loss.backward()
    for opt in optimizers:
        opt.step()
        opt.zero_grad()
