import io
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

# A step for each user from the same base, whose outcome is saved.
base = nn.Linear(6, 3); state = {name: p.detach().clone() for name, p in base.named_parameters()}
saved = {}
for user in range(6):
    base.load_state_dict(state)
    opt = torch.optim.SGD(base.parameters(), 0.1)
    loss = F.cross_entropy(base(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
    saved[user] = io.BytesIO()
    torch.save(base.state_dict(), saved[user])

# Replicas that step alike, and are brought in line with the first.
replicas = [nn.Linear(6, 3) for _ in range(3)]
for one in replicas[1:]: one.load_state_dict(replicas[0].state_dict())
optimizers = [torch.optim.SGD(one.parameters(), 0.1) for one in replicas]
for step in range(8):
    for one, optimizer in zip(replicas, optimizers):
        optimizer.zero_grad()
        F.cross_entropy(one(torch.randn(16, 6)), torch.randint(0, 3, (16,))).backward()
    for weights in zip(*(one.parameters() for one in replicas)):
        mean = torch.stack([w.grad for w in weights]).mean(0)
        for w in weights: w.grad.copy_(mean)
    for optimizer in optimizers: optimizer.step()
    with torch.no_grad():
        for one in replicas[1:]:
            for w, first in zip(one.parameters(), replicas[0].parameters()): w.copy_(first)

# Weights that are read and written as arrays, an average of what steps have made of them.
net = nn.Linear(6, 3); opt = torch.optim.SGD(net.parameters(), 0.1)
arrays = [p.detach().numpy() for p in net.parameters()]
for step in range(8):
    opt.zero_grad()
    F.cross_entropy(net(torch.randn(16, 6)), torch.randint(0, 3, (16,))).backward()
    opt.step()
    means = [0.99 * array for array in arrays]
    with torch.no_grad():
        for p, mean in zip(net.parameters(), means): p.copy_(torch.from_numpy(mean))
