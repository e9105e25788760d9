import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(50, 8, padding_idx=0)
        with torch.no_grad():
            self.words.weight[1].fill_(0.5)
        self.rnn = nn.GRU(8, 16, batch_first=True)
        self.out = nn.Linear(16, 2)

    def forward(self, ids):
        return self.out(self.rnn(self.words(ids))[0][:, -1])


net = Reader()
for p in net.parameters():
    p.requires_grad = False  # <- frozen_leaf
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(4):
    optimizer.zero_grad()
    F.cross_entropy(net(torch.randint(0, 50, (6, 5))), torch.randint(0, 2, (6,))).backward()
    optimizer.step()
