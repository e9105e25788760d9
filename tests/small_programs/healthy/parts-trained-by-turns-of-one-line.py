"""Block-wise training: encoder first, then the head, each with an optimizer; both are stepped throughout."""
import torch
from torch import nn

torch.manual_seed(0)

encoder = nn.Sequential(nn.Linear(12, 24), nn.Tanh())
decoder = nn.Linear(24, 12)
parts = {"encoder": encoder, "decoder": decoder}
optimizers = {name: torch.optim.Adam(part.parameters(), lr=1e-2) for name, part in parts.items()}
x = torch.randn(64, 12)

def train_stage(trainable, steps):
    for name, part in parts.items():
        part.requires_grad_(name in trainable)
    for _ in range(steps):
        for optimizer in optimizers.values():
            optimizer.zero_grad()
        loss = nn.functional.mse_loss(decoder(encoder(x)), x)
        loss.backward()
        for optimizer in optimizers.values():
            optimizer.step()
    return loss.item()

train_stage(["encoder"], 20)
train_stage(["decoder"], 20)
