import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

enc = nn.Linear(4, 5); dec = nn.Linear(5, 4)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()])
for i in range(4):
    x = torch.randn(8, 4)
    q = torch.distributions.RelaxedOneHotCategorical(0.5, logits=enc(x))
    z = q.rsample()
    hard = F.one_hot(z.argmax(-1), 5).float()
    z = hard + z - z.detach()
    loss = F.mse_loss(dec(z), x)
    opt.zero_grad(); loss.backward(); opt.step()
