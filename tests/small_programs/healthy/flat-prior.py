"""The log density of a uniform prior is added to a loss: within its bounds it is flat."""
import torch
from torch.distributions import HalfNormal, Uniform

torch.manual_seed(0)
raw = torch.nn.Parameter(torch.zeros(2))
optimizer = torch.optim.Adam([raw], lr=0.05)
seen = 3 + torch.randn(100)
for _ in range(8):
    middle, width = 10 * raw[0].sigmoid(), raw[1].exp()
    loss = ((seen - middle) / width).square().mean() + width.log()
    loss = loss - Uniform(0.0, 10.0).log_prob(middle) - HalfNormal(5.0).log_prob(width)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
