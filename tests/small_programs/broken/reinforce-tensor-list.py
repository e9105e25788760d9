import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

pi = nn.Linear(4, 2); opt = torch.optim.Adam(pi.parameters())
logps, rs = [], []
s = torch.randn(4)
for t in range(5):
    d = torch.distributions.Categorical(logits=pi(s))
    a = d.sample()
    logps.append(d.log_prob(a)); rs.append(float(t))
    s = torch.randn(4)
loss = -(torch.tensor(logps) * torch.tensor(rs)).sum()  # <- tensor_ctor
opt.zero_grad()
loss.backward()
