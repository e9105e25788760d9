import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def round_ste(x):
    return (x.round() - x).detach() + x


def grad_scale(x, factor):
    return (x - x * factor).detach() + x * factor


class LSQ(nn.Module):
    def __init__(self, bits, signed=True):
        super().__init__()
        self.low, self.high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) if signed else (0, 2**bits - 1)
        self.step = nn.Parameter(torch.tensor(1.0))
        self.register_buffer("ready", torch.tensor(False))

    def forward(self, x):
        if not self.ready:
            self.step.data.fill_(2 * x.detach().abs().mean() / math.sqrt(self.high))
            self.ready.fill_(True)
        step = grad_scale(self.step, 1 / math.sqrt(x.numel() * self.high))
        return round_ste((x / step).clamp(self.low, self.high)) * step


class QuantLinear(nn.Linear):
    def __init__(self, d_in, d_out, bits=4):
        super().__init__(d_in, d_out)
        self.quant_w, self.quant_x = LSQ(bits), LSQ(bits)

    def forward(self, x):
        return F.linear(self.quant_x(x), self.quant_w(self.weight), self.bias)


def quantize_error(model):
    with torch.no_grad():
        return {n: (m.quant_w(m.weight) - m.weight).abs().mean().item()
                for n, m in model.named_modules() if isinstance(m, QuantLinear)}


torch.manual_seed(0)
net = nn.Sequential(QuantLinear(6, 32), nn.Tanh(), QuantLinear(32, 32), nn.Tanh(), QuantLinear(32, 1))
steps = [p for n, p in net.named_parameters() if n.endswith(".step")]
rest = [p for n, p in net.named_parameters() if not n.endswith(".step")]
opt = torch.optim.Adam([{"params": rest}, {"params": steps, "lr": 1e-3}], lr=5e-3)
for i in range(40):
    x = torch.randn(64, 6)
    y = (x[:, 0] * x[:, 1] + x[:, 2]).unsqueeze(1)
    loss = F.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
print(f"loss {loss.item():.4f}", {n: round(e, 4) for n, e in quantize_error(net).items()})
