"""A freezing helper for several architectures: this one has no batch norm, so one of its loops meets nothing."""
import torch
from torch import nn

torch.manual_seed(0)

class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem = nn.Linear(10, 32)
        self.body = nn.Linear(32, 32)
        self.head = nn.Linear(32, 3)

    def forward(self, x):
        return self.head(torch.relu(self.body(torch.relu(self.stem(x)))))

model = Small()
for parameter in model.parameters():
    parameter.requires_grad = False
for parameter in model.head.parameters():
    parameter.requires_grad = True
for name, parameter in model.named_parameters():
    if "bn" in name or "norm" in name:
        parameter.requires_grad = True  # affine parameters of norms, where the model has some

optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
x, y = torch.randn(96, 10), torch.randint(0, 3, (96,))
for epoch in range(4):
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
