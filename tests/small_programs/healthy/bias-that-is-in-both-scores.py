"""Matrix factorisation with biases, trained by the BPR loss: a user's bias is in both scores."""
import torch
from torch import nn

torch.manual_seed(0)

class MF(nn.Module):
    def __init__(self, users, items, dim=8):
        super().__init__()
        self.user, self.item = nn.Embedding(users, dim), nn.Embedding(items, dim)
        self.user_bias, self.item_bias = nn.Embedding(users, 1), nn.Embedding(items, 1)

    def forward(self, u, i):
        dot = (self.user(u) * self.item(i)).sum(-1)
        return dot + self.user_bias(u).squeeze(-1) + self.item_bias(i).squeeze(-1)

model = MF(50, 80)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(4):
    u = torch.randint(0, 50, (256,))
    pos, neg = (u + torch.randint(0, 10, (256,))) % 80, torch.randint(0, 80, (256,))
    loss = -nn.functional.logsigmoid(model(u, pos) - model(u, neg)).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
