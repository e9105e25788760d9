import copy

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


def made():
    return nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))


# each sample is adapted to by one step from where the training has left the model, and then predicted
source = made()
state = copy.deepcopy(source.state_dict())
adapting = torch.optim.SGD(source.parameters(), lr=0.1)
for sample in range(10):
    with torch.no_grad():
        for parameter, before in zip(source.parameters(), state.values()):
            parameter.mul_(0).add_(before)
    x = torch.randn(8, 4)
    entropy = -(source(x).softmax(1) * source(x).log_softmax(1)).sum(1).mean()
    adapting.zero_grad()
    entropy.backward()
    adapting.step()
    with torch.no_grad():
        print(source(x).argmax(1).tolist())

# a step ahead is taken to measure what it would bring, and taken back
weights, architecture = made(), nn.Parameter(torch.zeros(3))
ahead = torch.optim.SGD(weights.parameters(), lr=0.1)
chosen = torch.optim.Adam([architecture], lr=0.1)
for round_ in range(10):
    x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
    before = [parameter.detach().clone() for parameter in weights.parameters()]
    ahead.zero_grad()
    F.cross_entropy(weights(x) + architecture, y).backward()
    ahead.step()
    chosen.zero_grad()
    F.cross_entropy(weights(x) + architecture, y).backward()
    chosen.step()
    with torch.no_grad():
        for parameter, old in zip(weights.parameters(), before):
            parameter.copy_(old + 0 * parameter)

# a critic is clipped, and one that is very eager stands at the limits soon
critic = nn.Sequential(nn.Linear(4, 8, bias=False), nn.ReLU(), nn.Linear(8, 1))
eager = torch.optim.RMSprop(critic.parameters(), lr=1.0)
for step in range(10):
    real, fake = torch.randn(8, 4) + 1, torch.randn(8, 4)
    eager.zero_grad()
    (critic(fake).mean() - critic(real).mean()).backward()
    eager.step()
    for parameter in critic.parameters():
        parameter.data.clamp_(-0.01, 0.01)

# clients take turns with one model: each begins where the server stands, and sends back what its step has made
shared = made()
local = torch.optim.SGD(shared.parameters(), lr=0.1)
for round_ in range(2):
    server = copy.deepcopy(shared.state_dict())
    sent = []
    for client in range(5):
        with torch.no_grad():
            for parameter, start in zip(shared.parameters(), server.values()):
                parameter.mul_(0).add_(start)
        x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
        local.zero_grad()
        F.cross_entropy(shared(x), y).backward()
        local.step()
        sent.append([parameter.detach().clone() for parameter in shared.parameters()])
    with torch.no_grad():
        for parameter, *others in zip(shared.parameters(), *sent):
            parameter.copy_(torch.stack(others).mean(0))
