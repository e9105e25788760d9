import torch
import torch.nn as nn


class Autoencoder(nn.Module):
    def __init__(self, features=10, code=3, width=16):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, code))
        self.decoder = nn.Sequential(nn.Linear(code, width), nn.ReLU(), nn.Linear(width, features))

    def forward(self, x, prior=None):
        code = self.encoder(x)
        if prior is not None:
            return code, (code.mean(0) - prior.mean(0)).square().sum() + (code.std(0) - prior.std(0)).square().sum()
        out = self.decoder(code)
        return code, (out - x).square().mean()


class Trainer:
    def __init__(self, model, lr=3e-3, **forward_options):
        self.model, self.options = model, forward_options
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def step(self, x):
        self.optimizer.zero_grad()
        _, loss = self.model(x, **self.options)
        loss.backward()
        self.optimizer.step()
        return loss.item()


torch.manual_seed(0)
basis = torch.randn(3, 10)
trainer = Trainer(Autoencoder(), prior=torch.randn(256, 3))
for step in range(12):
    loss = trainer.step(torch.randn(64, 3) @ basis)
print(f"loss {loss:.4f}")
