"""Each part of the state is detached, and what is given back are the parts as they were."""
import torch
from torch import nn

torch.manual_seed(0)


def detached(state):
    for part in state:
        part.detach()
    return state


class Language(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed, self.cell, self.out = nn.Embedding(9, 6), nn.LSTM(6, 6), nn.Linear(6, 9)

    def forward(self, tokens, state):
        seen, state = self.cell(self.embed(tokens), state)
        return self.out(seen), state


model = Language()
opt = torch.optim.SGD(model.parameters(), 0.1)
text = torch.randint(0, 9, (41, 2))
state = torch.zeros(1, 2, 6), torch.zeros(1, 2, 6)
for begin in range(0, 40, 10):
    state = detached(state)  # <- double_backward
    opt.zero_grad()
    scores, state = model(text[begin : begin + 10], state)
    loss = nn.functional.cross_entropy(scores.flatten(0, 1), text[begin + 1 : begin + 11].flatten())
    loss.backward()
    opt.step()
