"""The gradients of one model are cleared by what goes round the backward of another, before both step."""
import torch
from torch import nn

torch.manual_seed(0)
critic, policy = nn.Linear(4, 1), nn.Linear(4, 2)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-2)
policy_opt = torch.optim.Adam(policy.parameters(), lr=1e-2)


class Untouched:
    def __init__(self, module):
        self.module = module

    def __enter__(self):
        self.module.requires_grad_(False)

    def __exit__(self, *_):
        self.module.requires_grad_(True)
        self.module.zero_grad()  # <- grad_cleared


for _ in range(5):
    state, reward = torch.randn(8, 4), torch.randn(8, 1)
    value_loss = (critic(state) - reward).square().mean()
    logp = policy(state).log_softmax(-1)[:, :1]
    advantage = (reward - critic(state)).detach()
    policy_loss = -(logp * advantage).mean()
    critic_opt.zero_grad()
    policy_opt.zero_grad()
    value_loss.backward()
    with Untouched(critic):
        policy_loss.backward()
    critic_opt.step()
    policy_opt.step()
