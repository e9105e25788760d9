import torch
import torch.nn as nn
import torch.nn.functional as F


class Forecaster(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.gru = nn.GRU(1, hidden, batch_first=True)
        self.head = nn.Linear(hidden, 1)

    def forward(self, x, state=None):
        out, state = self.gru(x, state)
        return self.head(out), state


def chunks(series, size):
    for start in range(0, series.shape[1] - size - 1, size):
        yield series[:, start : start + size], series[:, start + 1 : start + size + 1]


def fit(model, series, epochs=2, size=10):
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    for epoch in range(epochs):
        state = None
        for x, y in chunks(series, size):
            pred, state = model(x, state)
            loss = F.mse_loss(pred, y)
            optimizer.zero_grad()
            loss.backward(retain_graph=True)
            optimizer.step()
        print(f"epoch {epoch} {loss.item():.5f}")


torch.manual_seed(0)
t = torch.arange(61) / 5
series = torch.stack([torch.sin(t + phase) for phase in (0.0, 1.0, 2.0)]).unsqueeze(-1)
fit(Forecaster(), series)
