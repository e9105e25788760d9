"""One term of a loss is wrapped in a `Variable` that requires grad: a new leaf."""

import torch
from torch import nn
from torch.autograd import Variable


class Distance(nn.Module):
    def forward(self, made, wanted):
        loss = (made - wanted).abs().mean()
        return Variable(loss, requires_grad=True)  # <- fresh_leaf_loss


torch.manual_seed(0)
body, boxes, classes = nn.Linear(6, 8), nn.Linear(8, 4), nn.Linear(8, 3)
distance = Distance()
optimizer = torch.optim.SGD([*body.parameters(), *boxes.parameters(), *classes.parameters()], lr=0.1)
for _ in range(3):
    hidden = torch.relu(body(torch.randn(5, 6)))
    loss = distance(boxes(hidden), torch.ones(5, 4))
    loss = loss + nn.functional.cross_entropy(classes(hidden), torch.tensor([0, 1, 2, 0, 1]))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
