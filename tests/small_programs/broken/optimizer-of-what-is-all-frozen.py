"""All of the model is frozen, and its head thawed by a name that it doesn't have: nothing is left to learn."""
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


teacher, net = Net(), Net()
for parameter in net.parameters():
    parameter.requires_grad = False  # <- frozen_leaf
for name, parameter in net.named_parameters():
    if name.startswith("classifier"):
        parameter.requires_grad = True
learning = [p for p in net.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(learning, lr=1e-3)
loss = (net(torch.randn(8, 4)) - teacher(torch.randn(8, 4)).detach()).square().mean()
loss.backward()
optimizer.step()
