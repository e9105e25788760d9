"""The policy's new probabilities are computed by the old one, which is there to act; its value by the new one."""
import copy

import torch
from torch import nn
from torch.distributions import Categorical


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.actor, self.critic = nn.Linear(4, 2), nn.Linear(4, 1)

    @torch.no_grad()
    def act(self, state):
        actions = Categorical(logits=self.actor(state))
        taken = actions.sample()
        return taken, actions.log_prob(taken)

    def evaluate(self, state, taken):
        actions = Categorical(logits=self.actor(state))
        return actions.log_prob(taken), actions.entropy()


class Agent:
    def __init__(self):
        self.policy = ActorCritic()
        self.policy_old = copy.deepcopy(self.policy)
        self.optimizer = torch.optim.Adam(self.policy.parameters(), lr=1e-2)

    def update(self, state):
        taken, before = self.policy_old.act(state)
        returns = state.sum(1)
        for _ in range(3):
            now, entropy = self.policy_old.evaluate(state, taken)  # <- other
            value = self.policy.critic(state).squeeze(-1)
            ratio, gain = (now - before).exp(), returns - value.detach()
            policy = -torch.min(ratio * gain, ratio.clamp(0.8, 1.2) * gain).mean()
            loss = policy + (value - returns).square().mean() - 0.01 * entropy.mean()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        self.policy_old.load_state_dict(self.policy.state_dict())


torch.manual_seed(0)
agent = Agent()
for _ in range(4):
    agent.update(torch.randn(16, 4))
