"""What the actions are worth is picked by their numbers, and stands in a row; rewards stand in a column."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
online = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
optimizer = torch.optim.Adam(online.parameters(), lr=1e-3)
memory = [(torch.randn(4), i % 3, torch.randn(1), torch.randn(4)) for i in range(100)]
for step in range(5):
    states, actions, rewards, following = zip(*memory[step * 16 : step * 16 + 16])
    states, following = torch.stack(states), torch.stack(following)
    worth = online(states)[torch.arange(16), torch.tensor(actions)]
    should = torch.stack(rewards) + 0.9 * online(following).detach().amax(1, keepdim=True)
    loss = F.smooth_l1_loss(worth, should)  # <- other
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
