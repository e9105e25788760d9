import torch
from torch import nn

torch.manual_seed(0)
encoder, decoder = nn.Linear(6, 4), nn.Linear(4, 6)
of_encoder = torch.optim.Adam(encoder.parameters(), lr=1e-3)
of_decoder = torch.optim.Adam(decoder.parameters(), lr=1e-3)
every = 2
for step in range(10):
    x = torch.randn(8, 6)
    loss = (decoder(encoder(x).tanh()) - x).square().mean() / every
    of_encoder.zero_grad()  # <- grad_cleared
    of_decoder.zero_grad()  # <- grad_cleared
    loss.backward()
    if (step + 1) % every == 0:
        of_encoder.step()
        of_decoder.step()
