import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())  # <- optimizer_mismatch
sd = {k: v.clone() for k, v in net.state_dict().items()}
net.load_state_dict(sd, assign=True)  # <- rebuilt_leaf or optimizer_mismatch
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
