"""A recurrent reservoir of fixed random weights between a learnt embedding and a learnt readout."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

class Reservoir(nn.Module):
    def __init__(self, inp, size):
        super().__init__()
        self.w_in = torch.randn(inp, size) * 0.3
        self.w_res = torch.randn(size, size) * 0.9 / size**0.5

    def forward(self, x):
        h = x.new_zeros(x.shape[0], self.w_res.shape[0])
        for t in range(x.shape[1]):
            h = torch.tanh(x[:, t] @ self.w_in + h @ self.w_res)
        return h

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.reservoir, self.readout = nn.Embedding(12, 8), Reservoir(8, 64), nn.Linear(64, 2)

    def forward(self, tokens):
        return self.readout(self.reservoir(self.embed(tokens)))

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
tokens = torch.randint(0, 12, (64, 6))
labels = (tokens[:, 0] > 5).long()
for step in range(4):
    loss = F.cross_entropy(net(tokens), labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
