import torch, torch.nn as nn, torch.nn.functional as F
import numpy as np
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1)); opt = torch.optim.Adam(net.parameters())
acts = {}
net[0].register_forward_hook(lambda m, i, o: acts.__setitem__("a", o.detach().cpu().numpy().copy()))
for i in range(3):
    loss = net(torch.randn(8, 4)).pow(2).mean()
    opt.zero_grad(); loss.backward()
    hist = {n: np.histogram(p.grad.numpy(), 10)[0] for n, p in net.named_parameters()}
    norms = [p.grad.norm().item() for p in net.parameters()]
    opt.step()
    s = torch.tensor(norms).mean()
