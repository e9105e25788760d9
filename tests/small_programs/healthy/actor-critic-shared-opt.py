import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

body = nn.Linear(4, 8); pi = nn.Linear(8, 2); v = nn.Linear(8, 1)
opt = torch.optim.Adam([*body.parameters(), *pi.parameters(), *v.parameters()])
for i in range(4):
    s = torch.randn(6, 4)
    h = body(s).tanh(); d = torch.distributions.Categorical(logits=pi(h)); a = d.sample()
    r = torch.tensor([float(k) for k in a.tolist()])
    adv = r - v(h).squeeze(-1)
    loss = -(d.log_prob(a) * adv.detach()).mean() + adv.pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    print(loss.item(), adv.detach().numpy().mean())
