"""What a generator's backward leaves in the discriminator is thrown away, and its own gradients with it."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
pair = nn.ModuleDict({"maker": nn.Linear(2, 4), "judge": nn.Linear(4, 1)})
maker_opt, judge_opt = (torch.optim.Adam(pair[name].parameters(), lr=1e-2) for name in ("maker", "judge"))

for _ in range(5):
    noise, real = torch.randn(8, 2), torch.randn(8, 4)
    F.softplus(-pair["judge"](pair["maker"](noise))).mean().backward()
    pair.zero_grad()  # <- grad_cleared
    fake = pair["maker"](noise).detach()
    (F.softplus(-pair["judge"](real)) + F.softplus(pair["judge"](fake))).mean().backward()
    maker_opt.step()
    judge_opt.step()
    maker_opt.zero_grad()
    judge_opt.zero_grad()
