"""What the generator made is detached for the critic's loss on purpose; that this loss is a number isn't."""
import torch
from torch import nn

torch.manual_seed(0)
generator = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 2))
critic = nn.Linear(2, 1)
opt_g = torch.optim.Adam(generator.parameters(), lr=1e-3)
opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3)
for _ in range(4):
    fake = generator(torch.randn(16, 3))
    opt_c.zero_grad()
    loss_c = critic(fake.detach()).mean() - critic(torch.randn(16, 2)).mean()
    torch.tensor(loss_c.tolist()).backward()  # <- python_scalar or tensor_ctor
    opt_c.step()
    opt_g.zero_grad()
    (-critic(fake).mean()).backward()
    opt_g.step()
