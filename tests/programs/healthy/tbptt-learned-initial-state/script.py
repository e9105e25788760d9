import torch
import torch.nn as nn


class GatedCell(nn.Module):
    def __init__(self, d_in, d):
        super().__init__()
        self.gates = nn.Linear(d_in + d, 2 * d)
        self.start = nn.Parameter(0.1 * torch.randn(d))

    def initial(self, batch):
        return self.start.expand(batch, -1)

    def forward(self, x, h):
        update, new = self.gates(torch.cat([x, h], -1)).chunk(2, -1)
        update = update.sigmoid()
        return update * h + (1 - update) * new.tanh()


class Model(nn.Module):
    def __init__(self, d_in=2, d=16):
        super().__init__()
        self.cells = nn.ModuleList([GatedCell(d_in, d), GatedCell(d, d)])
        self.readout = nn.Linear(d, 1)

    def initial(self, batch):
        return [cell.initial(batch) for cell in self.cells]

    def forward(self, xs, state):
        out = []
        for x in xs.unbind(1):
            for i, cell in enumerate(self.cells):
                state[i] = x = cell(x, state[i])
            out.append(self.readout(x))
        return torch.stack(out, 1), state


def sequences(batch, length):
    x = torch.randint(0, 2, (batch, length, 2)).float()
    carry = torch.zeros(batch, 1)
    ys = []
    for t in range(length):
        carry = 0.7 * carry + x[:, t].sum(-1, keepdim=True)
        ys.append(carry)
    return x, torch.stack(ys, 1) / 4


torch.manual_seed(0)
model = Model()
optimizer = torch.optim.RMSprop(model.parameters(), lr=3e-3)
for episode in range(6):
    x, y = sequences(batch=24, length=24)
    state = model.initial(24)
    total = 0.0
    for begin in range(0, 24, 6):
        out, state = model(x[:, begin : begin + 6], state)
        loss = (out - y[:, begin : begin + 6]).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        for h in state:
            h.detach_()
        total += loss.item()
    print(f"episode {episode} loss {total / 4:.4f}")
