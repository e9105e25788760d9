import copy
import torch, torch.nn as nn
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lin = nn.Linear(4, 3)
        self.alphas = (1e-3 * torch.randn(3)).requires_grad_()
    def forward(self, x):
        return (self.lin(x) * self.alphas.softmax(0)).square().mean()

net = Net()
weights, architecture = torch.optim.SGD(net.parameters(), 0.1), torch.optim.Adam([net.alphas], 0.1)
for _ in range(6):
    twin = copy.deepcopy(net)
    twin(torch.randn(8, 4)).backward()
    net.alphas.grad = twin.alphas.grad.clone()
    architecture.step()
    weights.zero_grad()
    net(torch.randn(8, 4)).backward()
    weights.step()
