"""A term of the loss is worked out in numpy from the output of a head that nothing else trains."""

import numpy as np
import torch
from torch import nn


def contrast(rows, labels):
    likeness = rows @ rows.T
    same = labels[:, None] == labels[None]
    return float(np.log1p(np.exp(-likeness[same])).mean())


torch.manual_seed(0)
body, head, classes = nn.Linear(6, 8), nn.Linear(8, 3), nn.Linear(8, 4)
optimizer = torch.optim.AdamW([*body.parameters(), *head.parameters(), *classes.parameters()])
labels = torch.tensor([0, 1, 2, 3, 0])
for _ in range(3):
    hidden = torch.relu(body(torch.randn(5, 6)))
    rows = head(hidden)
    apart = contrast(rows.cpu().detach().numpy(), labels.numpy())  # <- numpy_roundtrip
    loss = 0.5 * apart + nn.functional.cross_entropy(classes(hidden), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
