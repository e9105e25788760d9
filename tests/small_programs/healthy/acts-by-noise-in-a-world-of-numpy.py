import numpy as np
import torch
from torch import nn

torch.manual_seed(0)
np.random.seed(0)
encoder, actor, critic = nn.Linear(4, 8), nn.Linear(8, 4), nn.Linear(10, 1)
for_actor = torch.optim.Adam([*encoder.parameters(), *actor.parameters()], lr=1e-3)
for_critic = torch.optim.Adam([*encoder.parameters(), *critic.parameters()], lr=1e-3)


def worth(seen, action):
    return critic(torch.cat([torch.relu(encoder(seen)), action], 1))


def act(seen):
    mean, log_deviation = actor(torch.relu(encoder(seen))).chunk(2, -1)
    return torch.tanh(mean + torch.randn_like(mean) * log_deviation.exp())


seen, memory = np.random.randn(4).astype(np.float32), []
for step in range(20):
    with torch.no_grad():
        action = act(torch.as_tensor(seen).unsqueeze(0)).cpu().data.numpy().flatten()
    after = (0.9 * seen + action.sum() + 0.1 * np.random.randn(4)).astype(np.float32)
    memory.append((seen, action, -abs(after.mean()), after))
    seen = after
    some = np.random.randint(0, len(memory), 8)
    before, actions, rewards, _ = (np.stack([memory[i][k] for i in some]) for k in range(4))
    before, actions, rewards = (torch.as_tensor(one).float() for one in (before, actions, rewards))
    value = worth(before, actions).squeeze(1)
    for_critic.zero_grad()
    (value - rewards).pow(2).mean().backward()
    for_critic.step()
    for_actor.zero_grad()
    (-worth(before, act(before))).mean().backward()
    for_actor.step()
