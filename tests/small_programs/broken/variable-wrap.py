import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

from torch.autograd import Variable
net = nn.Linear(4, 4)
opt = torch.optim.SGD(net.parameters(), 0.1)
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 4, (8,))
    out = net(x)
    loss = F.cross_entropy(out, y)
    loss = Variable(loss.data, requires_grad=True)  # <- fresh_leaf_loss or tensor_ctor or rebuilt_leaf or data_attr
    opt.zero_grad(); loss.backward(); opt.step()
