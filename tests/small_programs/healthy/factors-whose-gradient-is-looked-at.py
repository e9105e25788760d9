"""Plain leaves scale what is learnt for the sake of their gradients: a penalty derives by one, of one the
importance of heads is told in the end, one climbs by hand, and one is learnt in a second phase."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net, head = nn.Linear(4, 6), nn.Linear(6, 3)
dummy = torch.tensor(1.0, requires_grad=True)
heads = torch.ones(6, requires_grad=True)
price = torch.tensor(0.1, requires_grad=True)
temperature = torch.tensor(1.0, requires_grad=True)
optimizer = torch.optim.Adam([*net.parameters(), *head.parameters()], lr=1e-2)
for step in range(6):
    x, y = torch.randn(16, 4), torch.randint(0, 3, (16,))
    scores = head(net(x) * heads) / temperature
    loss = F.cross_entropy(scores * dummy, y)
    (one,) = torch.autograd.grad(loss, [dummy], create_graph=True)
    loss = loss + one.square() + price * scores.square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        price += 0.1 * price.grad
        price.grad = None
if step > 10:
    calibration = torch.optim.LBFGS([temperature])
    print(heads.grad.abs())
