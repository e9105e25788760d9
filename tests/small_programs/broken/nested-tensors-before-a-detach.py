"""Sentences of their own lengths, in a nested tensor that has no shape, and a head that is cut off from them."""
import torch
from torch import nn

torch.manual_seed(0)
body, head = nn.Linear(3, 4), nn.Linear(4, 1)
optimizer = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.1)
for step in range(4):
    sentences = torch.nested.nested_tensor([torch.randn(2, 3), torch.randn(5, 3)])
    hidden = body(sentences)
    words = hidden.to_padded_tensor(0.0)
    loss = head(words.detach()).square().mean()  # <- detach
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
