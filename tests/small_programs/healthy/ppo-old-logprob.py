import torch, torch.nn as nn, torch.nn.functional as F
import numpy as np
torch.manual_seed(0)

pi = nn.Linear(4, 2); v = nn.Linear(4, 1)
opt = torch.optim.Adam([*pi.parameters(), *v.parameters()])
for it in range(2):
    s = torch.randn(16, 4)
    with torch.no_grad():
        d = torch.distributions.Categorical(logits=pi(s)); a = d.sample(); old = d.log_prob(a)
    ret = torch.as_tensor(np.random.randn(16).astype("float32"))
    for _ in range(2):
        d = torch.distributions.Categorical(logits=pi(s))
        adv = ret - v(s).squeeze(-1).detach()
        r = (d.log_prob(a) - old).exp()
        loss = -torch.min(r * adv, r.clamp(0.8, 1.2) * adv).mean() + (v(s).squeeze(-1) - ret).pow(2).mean() - 0.01 * d.entropy().mean()
        opt.zero_grad(); loss.backward(); opt.step()
