"""The positions and the class token of a transformer are plain zeros."""
import torch
from torch import nn

torch.manual_seed(0)


class Embedded(nn.Module):
    def __init__(self, width, length):
        super().__init__()
        self.patch = nn.Linear(4, width)
        self.cls_token = torch.zeros(1, 1, width)  # <- unregistered_parameter
        self.pos_embed = torch.zeros(1, 2 * length, width)  # <- unregistered_parameter

    def forward(self, x):
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), self.patch(x)], dim=1)
        return x + self.pos_embed[:, : x.shape[1]]


net = nn.Sequential(Embedded(8, 5), nn.TransformerEncoderLayer(8, 2, 16, dropout=0.0, batch_first=True))
head = nn.Linear(8, 2)
opt = torch.optim.Adam([*net.parameters(), *head.parameters()], 1e-2)
for _ in range(4):
    loss = nn.functional.cross_entropy(head(net(torch.randn(8, 5, 4))[:, 0]), torch.randint(0, 2, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
