"""A head is trained on what a body gives; after each of its steps inputs are moved against both by sign."""
import torch
from torch import nn

torch.manual_seed(0)
body, head = nn.Sequential(nn.Linear(6, 8), nn.ReLU()), nn.Linear(8, 3)
of_body, of_head = torch.optim.SGD(body.parameters(), lr=0.1), torch.optim.SGD(head.parameters(), lr=0.1)
for _ in range(8):
    x, labels = torch.randn(16, 6), torch.randint(0, 3, (16,))
    of_head.zero_grad()
    nn.functional.cross_entropy(head(body(x).detach()), labels).backward()
    of_head.step()
    moved = x.clone().requires_grad_()
    nn.functional.cross_entropy(head(body(moved)), labels).backward()
    moved = (moved + 0.1 * moved.grad.sign()).detach()
    print((head(body(moved)).argmax(1) == labels).float().mean().item())
