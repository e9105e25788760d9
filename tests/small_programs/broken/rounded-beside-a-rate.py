import torch, torch.nn as nn
torch.manual_seed(0)


class Codec(nn.Module):
    def __init__(self):
        super().__init__()
        self.analysis, self.synthesis = nn.Conv2d(1, 4, 4, 4), nn.ConvTranspose2d(4, 1, 4, 4)
        self.log_scale = nn.Parameter(torch.zeros(4, 1, 1))

    def forward(self, x):
        y = self.analysis(x)
        quantised = torch.round(y)  # <- zero_gradient
        return self.synthesis(quantised), (y.abs() / self.log_scale.exp() + self.log_scale).mean()


model = Codec()
opt = torch.optim.Adam(model.parameters())
x = torch.randn(4, 1, 8, 8)
for _ in range(3):
    decoded, rate = model(x)
    loss = (decoded - x).square().mean() + 0.01 * rate
    opt.zero_grad()
    loss.backward()
    opt.step()
