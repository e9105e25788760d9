"""An old habit: what the encoder gives is put into a `Variable` before the decoder gets it."""

import torch
from torch import nn
from torch.autograd import Variable

torch.manual_seed(0)
encoder, decoder = nn.Linear(6, 3), nn.Linear(3, 6)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])
for _ in range(3):
    batch = Variable(torch.randn(5, 6))
    code = Variable(encoder(batch))  # <- tensor_ctor
    loss = nn.functional.mse_loss(decoder(code), batch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
