import torch
from torch import nn

torch.manual_seed(0)
encoder, decoder = nn.GRU(4, 8, batch_first=True), nn.GRU(4, 8, batch_first=True)
of_encoder = torch.optim.Adam(encoder.parameters(), lr=1e-3)  # <- optimizer_mismatch
of_decoder = torch.optim.Adam(decoder.parameters(), lr=1e-3)
x, y = torch.randn(16, 5, 4), torch.randn(16, 5, 4)
for _ in range(8):
    encoder.zero_grad()
    decoder.zero_grad()
    _, state = encoder(x)
    read, _ = decoder(y.roll(1, 1), state)
    loss = (read[..., :4] - y).square().mean()
    loss.backward()
    of_decoder.step()
