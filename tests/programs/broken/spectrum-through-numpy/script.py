import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Vocoder(nn.Module):
    def __init__(self, bands=6, length=64):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(bands, 32), nn.LeakyReLU(0.1), nn.Linear(32, length))

    def forward(self, mel):
        return torch.tanh(self.body(mel))


class SpectralLoss:
    def __init__(self, window):
        self.window = np.hanning(window)

    def spectrum(self, wave):
        frames = wave.detach().numpy() * self.window
        return torch.from_numpy(np.abs(np.fft.rfft(frames, axis=-1))).float()

    def __call__(self, out, wave):
        return F.l1_loss(self.spectrum(out), self.spectrum(wave))


def notes(n):
    mel = torch.rand(n, 6)
    t = torch.linspace(0, 1, 64)
    wave = sum(mel[:, k : k + 1] * torch.sin(6.28 * (k + 1) * t) for k in range(6))
    return mel, wave / 6


torch.manual_seed(0)
net = Vocoder()
spectral = SpectralLoss(64)
optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
for step in range(12):
    mel, wave = notes(16)
    out = net(mel)
    time_loss, freq_loss = F.mse_loss(out, wave), spectral(out, wave)
    loss = time_loss + 0.1 * freq_loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"time {time_loss.item():.4f} frequency {freq_loss.item():.4f}")
