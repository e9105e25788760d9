import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

from torch.utils.checkpoint import checkpoint
emb = nn.Embedding(10, 4); emb.weight.requires_grad_(False)
blocks = nn.ModuleList(nn.Linear(4, 4) for _ in range(3)); head = nn.Linear(4, 2)
opt = torch.optim.AdamW([*blocks.parameters(), *head.parameters()])
import warnings; warnings.simplefilter("ignore")
for i in range(3):
    ids = torch.randint(0, 10, (6,))
    h = emb(ids)
    for b in blocks:
        h = checkpoint(b, h, use_reentrant=True)  # <- checkpoint
    loss = F.cross_entropy(head(h), torch.randint(0, 2, (6,)))
    opt.zero_grad(); loss.backward(); opt.step()
