import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

emb = nn.Embedding(5, 3); head = nn.Linear(3, 2)
opt = torch.optim.Adam([*emb.parameters(), *head.parameters()])
for i in range(3):
    ids = torch.tensor([0, 1, 2 + 2 * i])
    loss = F.cross_entropy(head(emb(ids)), torch.tensor([0, 1, 0]))  # <- other
    opt.zero_grad(); loss.backward(); opt.step()
