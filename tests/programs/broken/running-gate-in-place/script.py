import torch
import torch.nn as nn
import torch.nn.functional as F


class Cell(nn.Module):
    def __init__(self, features, hidden):
        super().__init__()
        self.gate, self.recur = nn.Linear(features, hidden), nn.Linear(hidden, hidden, bias=False)
        self.value = nn.Linear(features, hidden)

    def forward(self, x, state):
        keep = torch.sigmoid(self.gate(x) + self.recur(state))
        state.mul_(keep)
        state.add_((1 - keep) * torch.tanh(self.value(x)))
        return state


class Reader(nn.Module):
    def __init__(self, features=3, hidden=10):
        super().__init__()
        self.hidden = hidden
        self.cell = Cell(features, hidden)
        self.out = nn.Linear(hidden, 1)

    def forward(self, sequence):
        state = sequence.new_zeros(len(sequence), self.hidden)
        for x in sequence.unbind(1):
            state = self.cell(x, state)
        return self.out(state).squeeze(1)


torch.manual_seed(0)
model = Reader()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(10):
    x = torch.randn(32, 6, 3)
    loss = F.mse_loss(model(x), x[:, -3:, 0].sum(1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"{step} {loss.item():.4f}")
