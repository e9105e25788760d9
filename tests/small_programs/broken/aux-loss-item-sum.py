import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

a = nn.Linear(4, 3); b = nn.Linear(4, 2)
opt = torch.optim.Adam([*a.parameters(), *b.parameters()])
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    main = F.cross_entropy(a(x), y)
    aux = b(x).pow(2).mean()
    loss = main
    loss = loss + 0.3 * aux.item()  # <- python_scalar
    opt.zero_grad(); loss.backward(); opt.step()
