import torch
import torch.nn as nn
import torch.nn.functional as F


class ConvBlock(nn.Sequential):
    activations = {"tanh": nn.Tanh, "none": nn.Identity}

    def __init__(self, cin, cout, squash="none"):
        super().__init__(
            nn.Conv1d(cin, cout, 5, padding=2),
            self.activations[squash](),
            nn.ReLU(inplace=True),
        )


class Denoiser(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.enc = nn.ModuleList([ConvBlock(1, width), ConvBlock(width, width, squash="tanh")])
        self.dec = nn.Conv1d(width, 1, 5, padding=2)

    def forward(self, x):
        h = x
        for block in self.enc:
            h = block(h)
        return x - self.dec(h)


def signals(n, length=32):
    t = torch.linspace(0, 6.28, length)
    clean = torch.sin(t * torch.randint(1, 4, (n, 1)) + 6.28 * torch.rand(n, 1)).unsqueeze(1)
    return clean, clean + 0.3 * torch.randn_like(clean)


if __name__ == "__main__":
    torch.manual_seed(0)
    net = Denoiser()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for step in range(10):
        clean, noisy = signals(16)
        loss = F.mse_loss(net(noisy), clean)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"{step} {loss.item():.4f}")
