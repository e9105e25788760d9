import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
encoder, decoder, forecast = nn.Linear(5, 8), nn.Linear(4, 5), nn.Linear(4, 4)
of_codes = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
of_forecast = torch.optim.Adam(forecast.parameters(), lr=1e-3)


def code(x):
    mean, variance = encoder(x).chunk(2, -1)
    return mean + torch.randn_like(mean) * torch.exp(0.5 * variance), mean, variance


for _ in range(12):
    now, later = torch.randn(16, 5), torch.randn(16, 5)
    z, mean, variance = code(now)
    loss = F.mse_loss(decoder(z), now) + 0.1 * (mean.pow(2) + variance.exp() - variance - 1).mean()
    with torch.no_grad():
        ahead = code(later)[0]
    loss = loss + F.mse_loss(forecast(z), ahead)
    of_codes.zero_grad()
    of_forecast.zero_grad()
    loss.backward()
    of_codes.step()
    of_forecast.step()
