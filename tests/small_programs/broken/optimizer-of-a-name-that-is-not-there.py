"""The head is picked by a name that no parameter has."""
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        return self.head(self.body(x).relu())


net, picked = Net(), []
for name, parameter in net.named_parameters():
    if "classifier" in name:
        picked.append(parameter)
optimizer = torch.optim.Adam(picked, lr=1e-2)  # <- optimizer_mismatch
net(torch.randn(8, 4)).square().mean().backward()
optimizer.step()
