import torch
import torch.nn.functional as F

from layers import Sequencer


class Trainer:
    def __init__(self, model, lr=0.05):
        self.model = model
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr)
        self.history = []

    def step(self, x, y):
        self.optimizer.zero_grad()
        loss = F.mse_loss(self.model(x), y)
        loss.backward()
        self.optimizer.step()
        self.history.append(loss.item())

    def fit(self, windows):
        for x, y in windows:
            self.step(x, y)
        return self.history[-1]


def windows(n, batch=4, length=8):
    wave = torch.sin(torch.arange(n * length + 1) * 0.4 + torch.arange(batch)[:, None])
    for i in range(n):
        w = wave[:, i * length : (i + 1) * length + 1].unsqueeze(-1)
        yield w[:, :-1], w[:, 1:]


torch.manual_seed(0)
trainer = Trainer(Sequencer(1, 12))
print(f"loss {trainer.fit(windows(8)):.4f}")
