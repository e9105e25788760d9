"""A library thaws a part and gives all of it but its norms to the optimizer, as its callbacks do unless told."""

import os, sysconfig
import torch, torch.nn as nn, torch.nn.functional as F

LIBRARY = """
class Tuning:
    def freeze(self, part):
        for p in part.parameters(): p.requires_grad = False

    def thaw(self, part):
        for p in part.parameters(): p.requires_grad = True

    def thaw_and_hold(self, part, optimizer, norms=False):
        self.thaw(part)
        layers = [one for one in part if norms or not isinstance(one, nn.BatchNorm1d)]
        optimizer.add_param_group({"params": [p for one in layers for p in one.parameters()], "lr": 0.01})
"""
installed = os.path.join(sysconfig.get_paths()["purelib"], "tuning", "callbacks.py")
exec(compile(LIBRARY, installed, "exec", dont_inherit=True))

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 16))
net = nn.Sequential(body, nn.Linear(16, 3))
tuning = Tuning()  # noqa: F821
tuning.freeze(body)
opt = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=0.01)
for epoch in range(6):
    if epoch == 2:
        tuning.thaw_and_hold(body, opt)
    for _ in range(3):
        loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 3, (16,)))
        opt.zero_grad()
        loss.backward()
        opt.step()
