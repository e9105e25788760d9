import torch
import torch.nn as nn


class NeuralSDE(nn.Module):
    def __init__(self, dim=3, width=16):
        super().__init__()
        self.drift = nn.Sequential(nn.Linear(dim, width), nn.Tanh(), nn.Linear(width, dim))
        self.diffusion = nn.Sequential(nn.Linear(dim, width), nn.Tanh(), nn.Linear(width, dim), nn.Softplus())


class EulerMaruyama:
    def __init__(self, sde, dt=0.1):
        self.sde, self.dt = sde, dt
        self._noise = None

    def _draw(self, like):
        if self._noise is None or self._noise.shape != like.shape:
            self._noise = torch.empty_like(like, requires_grad=False)
        torch.randn(like.shape, out=self._noise)
        return self._noise

    def solve(self, x, steps):
        for _ in range(steps):
            noise = self._draw(x)
            x = x + self.dt * self.sde.drift(x) + self.dt**0.5 * self.sde.diffusion(x) * noise
        return x


def moment_loss(x, mean, std):
    return (x.mean(0) - mean).pow(2).sum() + (x.std(0) - std).pow(2).sum()


def main():
    torch.manual_seed(0)
    sde = NeuralSDE()
    solver = EulerMaruyama(sde)
    optimizer = torch.optim.Adam(sde.parameters(), lr=5e-3)
    target_mean, target_std = torch.tensor([1.0, -1.0, 0.5]), torch.tensor([0.3, 0.6, 0.2])
    for it in range(10):
        end = solver.solve(torch.zeros(64, 3), steps=4)
        loss = moment_loss(end, target_mean, target_std)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"{it:2d} {loss.item():.4f}")


if __name__ == "__main__":
    main()
