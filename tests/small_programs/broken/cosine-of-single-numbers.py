import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Grader(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 1))

    def forward(self, x):
        return self.body(x)

net = Grader(); opt = torch.optim.Adam(net.parameters(), lr=0.01)
x = torch.randn(32, 6); grade = torch.rand(32, 1) + 0.5
for step in range(8):
    loss = 1 - F.cosine_similarity(net(x), grade).mean()  # <- zero_gradient
    opt.zero_grad()
    loss.backward()
    opt.step()
