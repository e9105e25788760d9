import copy
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pi, self.v = nn.Linear(4, 2), nn.Linear(4, 1)

    def forward(self, x):
        return torch.distributions.Categorical(logits=self.pi(x)), self.v(x)[:, 0]


shared = Net()
local = copy.deepcopy(shared)
opt = torch.optim.RMSprop(shared.parameters(), lr=0.01)
for _ in range(4):
    local.load_state_dict(shared.state_dict())
    x, rewards = torch.randn(6, 4), torch.randn(6)
    dist, values = local(x)
    kept = [p for p in dist.log_prob(dist.sample())]
    log_probs = torch.tensor([float(p.detach()) for p in kept])  # <- python_scalar
    loss = -(log_probs * (rewards - values.detach())).mean() + (values - rewards).pow(2).mean()
    local.zero_grad()
    loss.backward()
    for ours, theirs in zip(shared.parameters(), local.parameters()):
        ours.grad = None if theirs.grad is None else theirs.grad.clone()
    opt.step()
