import warnings
warnings.filterwarnings("ignore")
import torch, torch.nn as nn
torch.manual_seed(0)
def hard(x):
    return torch.tensor((x > 0.5).float(), requires_grad=True)  # <- nondifferentiable_op or tensor_ctor
def score(p, y):
    p = hard(p)
    return 1 - (p * y).mean()
net = nn.Linear(4, 2)
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for epoch in range(2):
    for step in range(4):
        loss = score(torch.sigmoid(net(torch.randn(8, 4))), torch.ones(8, 2))
        opt.zero_grad()
        loss.backward()
        opt.step()
    if epoch == 1:
        break
    with torch.no_grad():
        val = score(torch.sigmoid(net(torch.randn(8, 4))), torch.ones(8, 2))
    print(val.item())
