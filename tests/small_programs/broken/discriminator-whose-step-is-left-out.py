import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

torch.manual_seed(0)


def train():
    made = nn.Linear(2, 4)
    judge = nn.Sequential(spectral_norm(nn.Linear(4, 8)), nn.LeakyReLU(0.2), spectral_norm(nn.Linear(8, 1)))
    opt_made, opt_judge = (torch.optim.Adam(one.parameters(), 1e-2) for one in (made, judge))  # <- optimizer_mismatch
    for _ in range(6):
        opt_judge.zero_grad()
        fake, real = made(torch.randn(8, 2)), torch.randn(8, 4)
        apart = (1 - judge(real)).relu().mean() + (1 + judge(fake.detach())).relu().mean()
        apart.backward()
        opt_made.zero_grad()
        fooled = -judge(fake).mean()
        fooled.backward()
        opt_made.step()


train()
