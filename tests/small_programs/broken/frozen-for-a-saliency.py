import torch
from torch import nn


def freeze(layer):
    layer.weight.requires_grad_(False)  # <- frozen_leaf


def saliency(net, images, labels):
    layers = [layer for layer in net if isinstance(layer, nn.Linear)]
    for layer in layers:
        freeze(layer)
    images = images.clone().requires_grad_()
    nn.functional.cross_entropy(net(images), labels).backward()
    return images.grad.abs().mean(0)


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 3))
images, labels = torch.randn(32, 6), torch.randint(3, (32,))
weights = saliency(net, images, labels)
net.zero_grad()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(12):
    loss = nn.functional.cross_entropy(net(images * weights), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
