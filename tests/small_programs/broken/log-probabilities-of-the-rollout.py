"""An actor acts under no_grad and keeps its log-probabilities; the advantage is detached, as it should be."""
import torch
from torch import nn


class ActorCritic(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.policy, self.value = nn.Linear(4, 8), nn.Linear(8, 2), nn.Linear(8, 1)

    def forward(self, state):
        hidden = torch.tanh(self.body(state))
        return torch.distributions.Categorical(logits=self.policy(hidden)), self.value(hidden).squeeze(-1)


class Agent:
    def __init__(self, net):
        self.net = net

    @torch.no_grad()  # <- no_grad
    def act(self, state):
        chances, _ = self.net(state)
        action = chances.sample()
        return action, chances.log_prob(action)


torch.manual_seed(0)
net = ActorCritic()
agent = Agent(net)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(4):
    states = torch.randn(6, 4)
    kept, rewards = [], []
    for state in states:
        action, probability = agent.act(state)
        kept.append(probability)
        rewards.append(1.0 if action.item() == int(state[0] > 0) else 0.0)
    returns = torch.tensor(rewards)
    chances, values = net(states)
    advantage = (returns - values).detach()
    loss = -(torch.stack(kept) * advantage).mean() + (returns - values).square().mean()
    loss = loss - 0.01 * chances.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
