import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())
def report(model):
    for p in model.parameters():
        n = p.grad.norm()
        p.grad = None  # <- grad_cleared
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    loss.backward(); report(net); opt.step()
