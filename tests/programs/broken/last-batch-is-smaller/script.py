import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


class NoisyEncoder(nn.Module):
    def __init__(self, features, code, batch_size):
        super().__init__()
        self.encode = nn.Linear(features, code)
        self.decode = nn.Linear(code, features)
        self.register_buffer("noise", 0.1 * torch.randn(batch_size, code))

    def forward(self, x):
        h = torch.tanh(self.encode(x))
        return self.decode(h + self.noise)


def main(batch_size=16):
    torch.manual_seed(0)
    data = torch.randn(70, 5) @ torch.randn(5, 12)
    loader = DataLoader(TensorDataset(data), batch_size=batch_size)
    model = NoisyEncoder(12, 5, batch_size)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(2):
        for (x,) in loader:
            loss = F.mse_loss(model(x), x)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} {loss.item():.4f}")


if __name__ == "__main__":
    main()
