import torch

torch.manual_seed(0)
net = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.Tanh(), torch.nn.Linear(4, 1))
opt = torch.optim.Adam(net.parameters(), lr=0.1)
best, lowest = None, float("inf")
for _ in range(12):
    loss = (net(torch.randn(8, 4)) - 1).square().mean()
    if best is None or loss.item() < lowest / 8:
        best, lowest = net.state_dict(), loss.item()
    opt.zero_grad()
    loss.backward()
    opt.step()
net.load_state_dict(best)  # <- values_copied
print(net(torch.ones(1, 4)).item())
