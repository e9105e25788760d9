import numpy as np
import torch
from torch import nn

torch.manual_seed(0)


class ColourDistance:
    def as_array(self, image):
        return image.detach().numpy().transpose(1, 2, 0)  # <- numpy_roundtrip

    def __call__(self, made, wanted):
        found = []
        for one, other in zip(made, wanted, strict=True):
            apart = self.as_array(one) - self.as_array(other)
            found.append(np.sqrt((apart**2).sum(-1)).mean())
        return torch.mean(torch.tensor(np.array(found), requires_grad=True)) / 10


net = nn.Conv2d(3, 3, 3, padding=1)
opt = torch.optim.Adam(net.parameters(), 1e-2)
distance = ColourDistance()
for _ in range(4):
    x, y = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    made = net(x)
    loss = (made - y).abs().mean() + distance(made, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
