import torch
from torch import nn

torch.manual_seed(0)
label, maker, critic = nn.Embedding(3, 4), nn.Linear(4, 4), nn.Linear(4, 1)
of_maker = torch.optim.Adam([*label.parameters(), *maker.parameters()], lr=0.01)
of_critic = torch.optim.Adam(critic.parameters(), lr=0.01)
for _ in range(4):
    y = torch.randint(0, 3, (6,))
    made = maker(label(y))
    loss = critic(made).relu().mean() - critic(torch.randn(6, 4)).mean()
    of_critic.zero_grad()
    loss.backward(inputs=list(critic.parameters()))
    of_critic.step()
    loss = -critic(maker(label(y))).mean()
    of_maker.zero_grad()
    loss.backward(inputs=list(maker.parameters()))  # <- other
    of_maker.step()
