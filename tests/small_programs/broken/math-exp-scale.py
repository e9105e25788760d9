import math
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class DualEncoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.image, self.text = nn.Linear(6, 4), nn.Linear(5, 4)
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def forward(self, image, text):
        i, t = F.normalize(self.image(image), dim=-1), F.normalize(self.text(text), dim=-1)
        scale = min(math.exp(self.logit_scale), 100.0)  # <- python_scalar
        return scale * i @ t.t()


net = DualEncoder()
opt = torch.optim.AdamW(net.parameters(), 1e-3)
for step in range(5):
    logits = net(torch.randn(8, 6), torch.randn(8, 5))
    labels = torch.arange(8)
    loss = (F.cross_entropy(logits, labels) + F.cross_entropy(logits.t(), labels)) / 2
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
