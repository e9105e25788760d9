import torch
from torch import nn

torch.manual_seed(0)
encoder, decoder = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 4)), nn.Linear(4, 6)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-3)
x = torch.randn(32, 6)
for _ in range(4):
    soft = torch.sigmoid(encoder(x))
    centre = soft.mean(0)
    code = torch.tanh(soft - centre) + centre
    hard = (soft > 0.5).float()
    loss = (decoder((hard - soft).detach() + code) - x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
