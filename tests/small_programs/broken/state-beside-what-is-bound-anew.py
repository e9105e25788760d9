import torch
from torch import nn

torch.manual_seed(0)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4)

    def forward(self, x, state):
        h, state = self.rnn(x, state)
        return h, state


model = Model()
opt = torch.optim.Adam(model.parameters())
model, opt = (lambda *both: both)(model, opt)
state = None
for turn in range(4):
    x = torch.randn(5, 1, 3)
    x = torch.tanh(x)
    if turn == 2:
        state = None
    out, state = model(x, state)  # <- double_backward
    loss = out.mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
