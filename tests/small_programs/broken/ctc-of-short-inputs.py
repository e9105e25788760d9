import torch
import torch.nn as nn

torch.manual_seed(0)
net, ctc = nn.Linear(6, 5), nn.CTCLoss(zero_infinity=True)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    scores = net(torch.randn(12, 3, 6)).log_softmax(-1)
    labels, lengths = torch.randint(1, 5, (3, 4)), torch.full((3,), 12 // 4)
    loss = ctc(scores, labels, lengths, torch.full((3,), 4))  # <- zero_gradient
    opt.zero_grad()
    loss.backward()
    opt.step()
