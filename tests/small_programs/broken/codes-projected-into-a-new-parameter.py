import torch
from torch import nn
from torch.utils.data import DataLoader
torch.manual_seed(0)

class Book(nn.Module):
    def __init__(self):
        super().__init__(); self.codes = nn.Parameter(torch.randn(8, 2))
    def forward(self, index): return self.codes[index]
    @torch.no_grad()
    def project(self):
        self.codes = nn.Parameter(self.codes / self.codes.norm(dim=1, keepdim=True))  # <- rebuilt_leaf

book, decoder = Book(), nn.Linear(2, 1)
opt = torch.optim.Adam([*book.parameters(), *decoder.parameters()])
for epoch in range(3):
    total = 0.0
    for index in DataLoader(range(8), batch_size=4):
        z = book(index)
        loss = decoder(z).square().mean() + 1e-4 * z.square().mean()
        opt.zero_grad(); loss.backward(); opt.step()
        total += loss.item()
    book.project()
