import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Tagger(nn.Module):
    def __init__(self, keep_prob=1.0):
        super().__init__()
        self.emb, self.lstm, self.out = nn.Embedding(12, 8), nn.LSTM(8, 8, batch_first=True), nn.Linear(8, 4)
        self.keep_prob = keep_prob

    def forward(self, ids):
        x, _ = self.lstm(self.emb(ids))
        x = F.dropout(x, self.keep_prob, self.training)  # <- zero_gradient
        return self.out(x)


net = Tagger()
opt = torch.optim.Adam(net.parameters(), 1e-2)
for step in range(5):
    ids = torch.randint(0, 12, (4, 6))
    loss = F.cross_entropy(net(ids).flatten(0, 1), (ids % 4).flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
