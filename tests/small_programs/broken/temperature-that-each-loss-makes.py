import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
image, text = nn.Linear(6, 8), nn.Linear(5, 8)


def contrastive(a, b):
    scale = nn.Parameter(torch.tensor(2.6)).exp()  # <- unregistered_parameter
    logits = scale * F.normalize(a, dim=-1) @ F.normalize(b, dim=-1).T
    return F.cross_entropy(logits, torch.arange(len(a)))


opt = torch.optim.Adam([*image.parameters(), *text.parameters()])
for _ in range(20):
    loss = contrastive(image(torch.randn(16, 6)), text(torch.randn(16, 5)))
    opt.zero_grad()
    loss.backward()
    opt.step()
