import torch
import torch.nn as nn

from sparsity import SparsityHooks


class SparseAutoencoder(nn.Module):
    def __init__(self, features=20, hidden=32, code=12):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(features, hidden), nn.ReLU(), nn.Linear(hidden, code), nn.ReLU())
        self.dec = nn.Linear(code, features)

    def forward(self, x):
        return self.dec(self.enc(x))


torch.manual_seed(0)
model = SparseAutoencoder()
hooks = SparsityHooks(model, nn.ReLU, weight=0.05)
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
basis = torch.randn(6, 20)
for step in range(15):
    x = torch.relu(torch.randn(64, 6)) @ basis
    recon = (model(x) - x).square().mean()
    sparse = hooks.penalty()
    loss = recon + sparse
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 0:
        print(f"step {step} recon {recon.item():.4f} sparsity {sparse.item():.4f}")
