"""For each evaluation the averaged weights are loaded into the model, and its own are put back."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
average = {name: p.detach().clone() for name, p in net.named_parameters()}
optimizer = torch.optim.Adam(list(net.parameters())[1:], lr=1e-2)  # <- optimizer_mismatch
for step in range(12):
    loss = nn.functional.cross_entropy(net(torch.randn(16, 4)), torch.randint(0, 2, (16,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for name, p in net.named_parameters():
            average[name].sub_(0.1 * (average[name] - p))
    if step % 2:
        kept = {name: p.detach().clone() for name, p in net.named_parameters()}
        net.load_state_dict(average)
        with torch.no_grad():
            net(torch.randn(8, 4))
        net.load_state_dict(kept)
