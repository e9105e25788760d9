import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.score, self.out = nn.Linear(4, 6), nn.Linear(6, 3)

    def forward(self, x):
        score = self.score(x)
        open = torch.heaviside(score, torch.zeros(1))  # <- nondifferentiable_op
        return self.out(open * score)

net = Gate(); opt = torch.optim.SGD(net.parameters(), 0.1)
for step in range(3):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 3, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
