import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Clip(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, limit):
        ctx.save_for_backward(x, limit)
        return x.clamp(-limit.item(), limit.item())
    @staticmethod
    def backward(ctx, g):
        x, limit = ctx.saved_tensors
        return g * (x.abs() < limit), None  # <- custom_function
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4); self.limit = nn.Parameter(torch.tensor(1.0))
    def forward(self, x):
        return Clip.apply(self.fc(x), self.limit)  # <- custom_function
net = Net(); opt = torch.optim.Adam(net.parameters())
for i in range(3):
    x = torch.randn(8, 4)
    loss = F.mse_loss(net(x), x)
    opt.zero_grad(); loss.backward(); opt.step()
