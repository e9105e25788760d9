import torch
import torch.nn as nn
from torch.nn.utils.parametrizations import spectral_norm


class Generator(nn.Module):
    def __init__(self, n_noise=8, n_hidden=32):
        super().__init__()
        self.n_noise = n_noise
        self.net = nn.Sequential(
            nn.Linear(n_noise, n_hidden),
            nn.BatchNorm1d(n_hidden),
            nn.ReLU(inplace=True),
            nn.Linear(n_hidden, 2),
        )

    def sample(self, n):
        return self.net(torch.randn(n, self.n_noise))


class Discriminator(nn.Module):
    def __init__(self, n_hidden=32):
        super().__init__()
        self.body = nn.Sequential(
            spectral_norm(nn.Linear(2, n_hidden)),
            nn.LeakyReLU(0.2),
            spectral_norm(nn.Linear(n_hidden, n_hidden)),
            nn.LeakyReLU(0.2),
        )
        self.score = spectral_norm(nn.Linear(n_hidden, 1))

    def forward(self, x):
        return self.score(self.body(x))
