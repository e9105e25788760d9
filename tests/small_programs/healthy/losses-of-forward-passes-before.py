import torch
from torch import nn

torch.manual_seed(0)
encoder, head, critic = nn.Linear(4, 4), nn.Linear(4, 2), nn.Linear(4, 1)
optimizers = [torch.optim.SGD(one.parameters(), lr=0.01) for one in (encoder, head, critic)]
state, start = torch.zeros(6, 4), encoder.weight.detach().clone()
for _ in range(8):
    features = encoder(torch.randn(6, 4))  # once for two losses, between which the others step
    loss = nn.functional.cross_entropy(head(features), torch.arange(6) % 2)
    optimizers[1].zero_grad()
    loss.backward(retain_graph=True)
    optimizers[1].step()
    optimizers[2].zero_grad()
    critic(features.detach()).square().mean().backward()
    optimizers[2].step()
    state = torch.tanh(encoder(state.detach()) + features)
    drift = (encoder.weight - start).square().sum()  # where it began is data
    optimizers[0].zero_grad()
    (state.mean() + 0.1 * critic(features).mean() + 0.01 * drift).backward()
    optimizers[0].step()
