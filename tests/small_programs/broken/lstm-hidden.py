import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

rnn = nn.LSTM(3, 5, batch_first=True); head = nn.Linear(5, 1)
opt = torch.optim.Adam([*rnn.parameters(), *head.parameters()])
state = None
for i in range(3):
    x = torch.randn(2, 4, 3)
    out, state = rnn(x, state)  # <- double_backward
    loss = head(out[:, -1]).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
