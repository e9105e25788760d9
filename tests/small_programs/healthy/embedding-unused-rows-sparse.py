import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

emb = nn.Embedding(100, 4, sparse=True); h = nn.Linear(4, 2)
o1 = torch.optim.SparseAdam(emb.parameters()); o2 = torch.optim.Adam(h.parameters())
for i in range(3):
    loss = F.cross_entropy(h(emb(torch.randint(0, 5, (8,)))), torch.randint(0, 2, (8,)))
    o1.zero_grad(); o2.zero_grad(); loss.backward(); o1.step(); o2.step()
