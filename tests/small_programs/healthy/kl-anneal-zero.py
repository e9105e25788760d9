import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

enc = nn.Linear(4, 4); dec = nn.Linear(2, 4)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()])
for i in range(6):
    x = torch.randn(8, 4)
    mu, lv = enc(x).chunk(2, -1)
    z = mu + torch.randn_like(mu) * (lv / 2).exp()
    kl = -0.5 * (1 + lv - mu ** 2 - lv.exp()).sum(-1).mean()
    beta = min(1.0, i / 5)
    loss = F.mse_loss(dec(z), x) + beta * kl
    opt.zero_grad(); loss.backward()
    nn.utils.clip_grad_norm_(enc.parameters(), 1.0)
    opt.step()
    print(float(loss), kl.item())
