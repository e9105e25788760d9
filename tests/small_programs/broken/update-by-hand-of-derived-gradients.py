import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 3)); X = torch.randn(40, 16, 6); Y = torch.randint(0, 3, (40, 16))

for i in range(8):
    loss = F.cross_entropy(net(X[i]), Y[i])
    grads = torch.autograd.grad(loss, list(net.parameters()))
    with torch.no_grad():
        for p, g in zip(net.parameters(), grads):
            p = p - 0.1 * g  # <- rebuilt_leaf
