"""Predicted weights are copied, part by part, into a frozen network by which one term of the loss is computed."""
import torch
from torch import nn

torch.manual_seed(0)
predictor = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 4))
network = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Tanh(), nn.Linear(4, 4, bias=False)).requires_grad_(False)
places, goal = torch.randn(8, 3), torch.randn(8, 4)
optimizer = torch.optim.Adam(predictor.parameters(), 1e-2)
for _ in range(6):
    predicted = predictor(places)
    for number, layer in enumerate((network[0], network[2])):
        with torch.no_grad():
            layer.weight.copy_(predicted[4 * number : 4 * number + 4].view_as(layer.weight))  # <- values_copied
    x = torch.randn(16, 4)
    distilled = (network(x) - x.tanh()).square().mean()
    loss = (predicted - goal).square().mean() + 0.5 * distilled
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
