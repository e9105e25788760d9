import torch
import torch.nn as nn
import torch.nn.functional as F


def blobs(n, g):
    y = torch.randint(0, 3, (n,), generator=g)
    centre = torch.tensor([[0.0, 1.2], [1.0, -0.6], [-1.0, -0.6]])
    return centre[y] + 0.9 * torch.randn(n, 2, generator=g), y


def fit(model, x, y, epochs=60):
    opt = torch.optim.Adam(model.parameters(), lr=2e-2)
    for _ in range(epochs):
        opt.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        opt.step()
    return loss.item()


class TemperatureScaler(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model
        self.log_temperature = nn.Parameter(torch.zeros(1))

    def forward(self, logits):
        return logits / self.log_temperature.exp()

    def calibrate(self, batches):
        self.model.eval()
        with torch.inference_mode():
            collected = [(self.model(x), y) for x, y in batches]
        logits = torch.cat([z for z, _ in collected]).clone()
        labels = torch.cat([y for _, y in collected])
        optimizer = torch.optim.LBFGS([self.log_temperature], lr=0.1, max_iter=20)

        def evaluate():
            optimizer.zero_grad()
            loss = F.cross_entropy(self(logits), labels)
            loss.backward()
            return loss

        before = optimizer.step(evaluate).item()
        return before, evaluate().item()


def main():
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(3)
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
    print("train loss", round(fit(model, *blobs(60, g)), 4))
    scaler = TemperatureScaler(model)
    before, after = scaler.calibrate([blobs(64, g) for _ in range(4)])
    print(f"validation loss {before:.4f} -> {after:.4f} at T = {scaler.log_temperature.exp().item():.3f}")


main()
