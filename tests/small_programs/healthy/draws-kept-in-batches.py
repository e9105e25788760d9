"""Actions are drawn one by one and scored later, as a batch: the policy learns by their scores."""
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
body, mean, value = nn.Linear(3, 16), nn.Linear(16, 1), nn.Linear(16, 1)
layers = nn.ModuleList([body, mean, value])
optimizer = torch.optim.Adam(layers.parameters(), lr=3e-4)
for _ in range(3):
    seen, actions, rewards = [], [], []
    for _ in range(8):
        state = torch.randn(3)
        policy = Normal(mean(body(state).relu()), 0.5)
        action = policy.sample()
        seen.append(state.tolist())
        actions.append([action])
        rewards.append([-action.item() ** 2])
    states, taken = torch.tensor(seen), torch.tensor(actions)
    returns = torch.tensor(rewards)
    with torch.no_grad():
        old = Normal(mean(body(states).relu()), 0.5).log_prob(taken)
        advantage = returns - value(body(states).relu())
    for _ in range(2):
        h = body(states).relu()
        ratio = (Normal(mean(h), 0.5).log_prob(taken) - old).exp()
        surrogate = torch.min(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage)
        loss = (-surrogate + (value(h) - returns).square()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
