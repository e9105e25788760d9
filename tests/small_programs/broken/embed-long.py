import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

enc = nn.Linear(4, 1); emb = nn.Embedding(10, 3); head = nn.Linear(3, 3)
opt = torch.optim.Adam([*enc.parameters(), *emb.parameters(), *head.parameters()])
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    idx = (enc(x).sigmoid() * 9).squeeze(-1).to(torch.long)  # <- integer_cast
    loss = F.cross_entropy(head(emb(idx)), y)
    opt.zero_grad(); loss.backward(); opt.step()
