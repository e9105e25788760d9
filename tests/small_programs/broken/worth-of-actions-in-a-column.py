"""What the actions are worth stands in a column, and what they should be worth in a row."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


def network():
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))


online, target = network(), network()
target.load_state_dict(online.state_dict())
optimizer = torch.optim.Adam(online.parameters(), lr=1e-3)
states, rewards, actions = torch.randn(200, 4), torch.randn(200), torch.randint(0, 3, (200, 1))
for _ in range(5):
    batch = torch.randint(0, 199, (32,))
    worth = online(states[batch]).gather(1, actions[batch])
    with torch.no_grad():
        should = rewards[batch] + 0.9 * target(states[batch + 1]).max(1).values
    loss = (should - worth).pow(2).mean()  # <- other
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
