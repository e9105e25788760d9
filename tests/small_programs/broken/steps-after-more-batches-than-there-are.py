import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

data = torch.randn(80, 6), torch.randint(0, 3, (80,))
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*data), batch_size=16)
net = nn.Linear(6, 3); optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
accumulate = 8
for epoch in range(3):
    for number, (x, y) in enumerate(loader):
        loss = F.cross_entropy(net(x), y) / accumulate
        loss.backward()
        if (number + 1) % accumulate == 0:
            optimizer.step()  # <- other or optimizer_mismatch
            optimizer.zero_grad()
