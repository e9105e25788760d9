import io

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset


class Backbone(nn.Module):
    def __init__(self, d_in=10, d=32):
        super().__init__()
        self.inp = nn.Linear(d_in, d)
        self.hidden = nn.Linear(d, d)
        self.norm = nn.LayerNorm(d)

    def forward(self, x):
        return self.norm(torch.relu(self.hidden(torch.relu(self.inp(x)))))


def checkpoint():
    torch.manual_seed(11)
    file = io.BytesIO()
    torch.save({"model": Backbone().state_dict(), "epoch": 100}, file)
    file.seek(0)
    return file


@torch.no_grad()
def extract(model, loader):
    model.eval()
    features, labels = [], []
    for x, y in loader:
        features.append(model(x))
        labels.append(y)
    return torch.cat(features), torch.cat(labels)


def make_data(n=256):
    y = torch.randint(0, 4, (n,))
    return TensorDataset(torch.randn(4, 10)[y] + 0.7 * torch.randn(n, 10), y)


def main():
    backbone = Backbone()
    state = torch.load(checkpoint(), weights_only=True)
    backbone.load_state_dict(state["model"])
    torch.manual_seed(0)
    features, labels = extract(backbone, DataLoader(make_data(), batch_size=64))
    features = F.normalize(features, dim=1)
    probe = nn.Linear(features.shape[1], 4)
    opt = torch.optim.SGD(probe.parameters(), lr=1.0, momentum=0.9)
    for epoch in range(5):
        for x, y in DataLoader(TensorDataset(features, labels), batch_size=64, shuffle=True):
            loss = F.cross_entropy(probe(x), y)
            opt.zero_grad()
            loss.backward()
            opt.step()
    with torch.no_grad():
        accuracy = (probe(features).argmax(1) == labels).float().mean().item()
    print(f"loss {loss.item():.4f} accuracy {accuracy:.3f}")


if __name__ == "__main__":
    main()
