import copy
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class BinaryConnect:
    def __init__(self, net):
        self.weights = [m.weight for m in net if isinstance(m, nn.Linear)]
        self.kept = [w.data.clone() for w in self.weights]

    def binarize(self):
        for w, kept in zip(self.weights, self.kept):
            kept.copy_(w.data)
            w.data.copy_(kept.sign())

    def restore(self):
        for w, kept in zip(self.weights, self.kept): w.data.copy_(kept)

net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3)); binary = BinaryConnect(net)
opt = torch.optim.SGD(net.parameters(), 0.05); slow = copy.deepcopy(net)
for step in range(10):
    binary.binarize()
    loss = F.cross_entropy(net(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    binary.restore()
    opt.step()
    with torch.no_grad():
        for fast, average in zip(net.parameters(), slow.parameters()):
            average.lerp_(fast, 0.5)
            fast.copy_(average)

# An episode adapts the head, is evaluated, and gives it back as it was.
start, accuracy = copy.deepcopy(net.state_dict()), []
tune = torch.optim.SGD(net[2].parameters(), 0.05)
for episode in range(5):
    net.load_state_dict(start)
    x = torch.randn(16, 6); y = torch.randint(0, 3, (16,))
    loss = F.cross_entropy(net(x), y)
    tune.zero_grad()
    loss.backward()
    tune.step()
    with torch.no_grad(): accuracy.append((net(x).argmax(1) == y).float().mean().item())
