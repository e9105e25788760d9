# The temperature of SAC is moved by hand, by a term that trains it alone.
import torch
from torch import nn
torch.manual_seed(0)
pi = nn.Linear(4, 2); opt = torch.optim.Adam(pi.parameters(), lr=1e-2); log_alpha = torch.zeros((), requires_grad=True)
for _ in range(6):
    lp = pi(torch.randn(8, 4)).log_softmax(1); ent = -(lp.exp() * lp).sum(1).mean()
    loss = -(log_alpha.exp().detach() * ent + lp.exp()[:, 0].mean()) + log_alpha * (ent.detach() - 0.5)
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad(): log_alpha -= 0.01 * log_alpha.grad; log_alpha.grad = None
print(log_alpha.item())
