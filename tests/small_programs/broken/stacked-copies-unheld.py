import copy
import torch, torch.nn as nn
from torch.func import functional_call, stack_module_state, vmap
torch.manual_seed(0)
nets = [nn.Linear(4, 1) for _ in range(3)]
base = copy.deepcopy(nets[0]).to("meta")
params, buffers = stack_module_state(nets)  # <- optimizer_mismatch
opt = torch.optim.Adam([p for n in nets for p in n.parameters()], lr=1e-2)  # <- optimizer_mismatch
for step in range(4):
    x = torch.randn(8, 4)
    out = vmap(lambda p, x: functional_call(base, p, (x,)), (0, None))(params, x)
    loss = (out.squeeze(-1) - x.sum(1)).pow(2).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
