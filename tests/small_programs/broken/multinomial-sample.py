import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

enc = nn.Linear(4, 5); emb = nn.Embedding(5, 3); head = nn.Linear(3, 2)
opt = torch.optim.Adam([*enc.parameters(), *emb.parameters(), *head.parameters()])
for i in range(4):
    x = torch.randn(16, 4)
    p = F.softmax(enc(x), -1)
    tok = torch.multinomial(p, 1).squeeze(-1)  # <- nondifferentiable_op
    loss = F.cross_entropy(head(emb(tok)), torch.randint(0, 2, (16,)))
    opt.zero_grad(); loss.backward(); opt.step()
