import torch
import torch.nn as nn
import torch.nn.functional as F

from quant import UniformQuantiser


class Compressor(nn.Module):
    def __init__(self, features=16, code=6):
        super().__init__()
        self.analysis = nn.Linear(features, code)
        self.quantise = UniformQuantiser(code, bits=4)
        self.synthesis = nn.Linear(code, features)

    def forward(self, x):
        return self.synthesis(self.quantise(self.analysis(x)))


def main():
    torch.manual_seed(0)
    model = Compressor()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    basis = torch.randn(4, 16)
    for step in range(15):
        x = torch.randn(64, 4) @ basis
        loss = F.mse_loss(model(x), x)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"distortion {loss.item():.4f}")


main()
