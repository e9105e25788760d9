import torch, torch.nn as nn
torch.manual_seed(0)


class Warped(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner, self.outer, self.places = nn.Linear(4, 4), nn.Linear(4, 1), nn.Linear(4, 4)
        self.grid = nn.Parameter(torch.randn(16))

    def forward(self, x):
        hidden = self.inner(x)
        logs = hidden.sign() * hidden.abs().log1p()
        place = 8 + 2 * torch.tanh(self.places(x))
        cell = torch.floor(place)
        part = place - cell
        near = self.grid[cell.long()] * (1 - part) + self.grid[cell.long() + 1] * part
        coded = self.outer(torch.cat([place, cell, part], 1)[:, :4])
        return self.outer(logs) + near.mean(1, keepdim=True) + coded


model = Warped()
opt = torch.optim.Adam(model.parameters())
x = torch.randn(16, 4)
for _ in range(3):
    loss = (model(x) - x.sum(1, keepdim=True)).square().mean() + 1e-3 * model.inner(x).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
