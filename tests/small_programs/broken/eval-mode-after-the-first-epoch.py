"""After the first validation nothing calls train() again; the auxiliary head trains in training mode alone."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1))
        self.head, self.aux = nn.Linear(16, 3), nn.Linear(16, 3)

    def forward(self, x):
        h = self.body(x)
        return (self.head(h), self.aux(h)) if self.training else (self.head(h), None)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
net.train()
for epoch in range(4):
    for step in range(5):
        x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
        out, aux = net(x)
        loss = F.cross_entropy(out, y)
        if aux is not None:
            loss = loss + 0.3 * F.cross_entropy(aux, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    net.eval()  # <- unused_parameter
    with torch.no_grad():
        x, y = torch.randn(64, 8), torch.randint(0, 3, (64,))
        print(epoch, (net(x)[0].argmax(1) == y).float().mean().item())
