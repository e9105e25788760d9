"""The names of what is to be thawed are misspelt, so the loop comes by and thaws nothing."""
import torch, torch.nn as nn
torch.manual_seed(0)
net = nn.ModuleDict({"layer4": nn.Linear(4, 8), "head": nn.Linear(8, 2)})
for name, p in net.named_parameters():
    if not name.startswith("head"):
        p.requires_grad = False  # <- frozen_leaf
for name, p in net.named_parameters():
    if name.startswith("layer_4"):
        p.requires_grad = True
opt = torch.optim.Adam(net.parameters(), 1e-2)
for step in range(10):
    loss = nn.functional.cross_entropy(net["head"](net["layer4"](torch.randn(8, 4)).relu()), torch.randint(0, 2, (8,)))
    opt.zero_grad(); loss.backward(); opt.step()
