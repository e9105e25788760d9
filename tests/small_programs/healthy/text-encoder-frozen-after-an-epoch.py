"""The text encoder is trained for the first epoch and frozen afterwards; both optimizers go on stepping."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
text = nn.Sequential(nn.Embedding(20, 16), nn.Flatten(), nn.Linear(64, 16))
unet = nn.Sequential(nn.Linear(24, 32), nn.SiLU(), nn.Linear(32, 8))
opt_text = torch.optim.AdamW(text.parameters(), lr=1e-4)
opt_unet = torch.optim.AdamW(unet.parameters(), lr=1e-3)
STOP_TEXT_AFTER = 1
for epoch in range(4):
    if epoch == STOP_TEXT_AFTER:
        text.requires_grad_(False)
    for step in range(4):
        x, tokens = torch.randn(16, 8), torch.randint(0, 20, (16, 4))
        noise = torch.randn_like(x)
        loss = F.mse_loss(unet(torch.cat([x + noise, text(tokens)], 1)), noise)
        opt_text.zero_grad()
        opt_unet.zero_grad()
        loss.backward()
        opt_text.step()
        opt_unet.step()
