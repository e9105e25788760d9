import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn.utils import parametrize


class Symmetric(nn.Module):
    def forward(self, w):
        return w.triu() + w.triu(1).transpose(-1, -2)


class TiedAutoencoder(nn.Module):
    def __init__(self, dims=(12, 16, 4)):
        super().__init__()
        self.encoder = nn.ModuleList(nn.Linear(a, b) for a, b in zip(dims, dims[1:]))
        self.biases = nn.ParameterList(nn.Parameter(torch.zeros(d)) for d in reversed(dims[:-1]))
        self.mix = nn.Linear(dims[-1], dims[-1], bias=False)
        parametrize.register_parametrization(self.mix, "weight", Symmetric())

    def encode(self, x):
        for layer in self.encoder:
            x = torch.tanh(layer(x))
        return self.mix(x)

    def decode(self, h):
        for layer, bias in zip(reversed(self.encoder), self.biases):
            h = F.linear(torch.tanh(h), layer.weight.t(), bias)
        return h

    def forward(self, x):
        return self.decode(self.encode(x))


class NextWord(nn.Module):
    """Input and output embeddings are one matrix."""

    def __init__(self, vocab=15, d=8):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.hidden = nn.Linear(d, d)
        self.out = nn.Linear(d, vocab, bias=False)
        self.out.weight = self.embed.weight

    def forward(self, ids):
        return self.out(torch.tanh(self.hidden(self.embed(ids))))


torch.manual_seed(0)
auto, words = TiedAutoencoder(), NextWord()
both = nn.ModuleDict({"auto": auto, "words": words})
optimizer = torch.optim.Adam(both.parameters(), lr=5e-3)
basis = torch.randn(3, 12)
for step in range(40):
    x = torch.randn(64, 3) @ basis / 2
    ids = torch.randint(0, 15, (64,))
    loss = F.mse_loss(auto(x), x) + F.cross_entropy(words(ids), (ids + 1) % 15)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        asymmetry = (auto.mix.weight - auto.mix.weight.t()).abs().max().item()
        print(f"step {step:2d} loss {loss.item():.4f} asymmetry {asymmetry:.1e}")
