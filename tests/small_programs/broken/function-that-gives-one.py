import torch, torch.nn as nn
torch.manual_seed(0)

class Times(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight):
        ctx.save_for_backward(x, weight)
        return x * weight
    @staticmethod
    def backward(ctx, grad):
        x, weight = ctx.saved_tensors
        return grad * weight, None

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin, self.weight = nn.Linear(4, 4), nn.Parameter(torch.ones(4))
    def forward(self, x):
        return Times.apply(self.lin(x), self.weight)  # <- custom_function

net = Net()
optimizer = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(3):
    loss = net(torch.randn(8, 4)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
