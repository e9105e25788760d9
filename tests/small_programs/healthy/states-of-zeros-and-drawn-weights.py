"""A reservoir and a machine of fixed drawn weights begin with a state of zeros, which is multiplied as well."""
import torch
from torch import nn

torch.manual_seed(0)


class Reservoir(nn.Module):
    def __init__(self, width, size):
        super().__init__()
        self.w_in = torch.randn(width, size) * 0.5
        self.w = torch.randn(size, size) * 0.1
        self.state = torch.zeros(1, size)

    def forward(self, x):
        state = self.state
        for one in x.unbind(1):
            state = torch.tanh(one @ self.w_in + state @ self.w)
        return state


class Drawn(nn.Module):
    def __init__(self, width, size):
        super().__init__()
        self.hidden = torch.randn(width, size)
        self.bias = torch.randn(size)

    def forward(self, x):
        return torch.relu(x @ self.hidden + self.bias)


class Fast(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(width, width) for _ in range(3))
        self.begin = torch.zeros(width, width)
        self.project = torch.randn(width, width)

    def forward(self, x):
        fast, outs = self.begin, []
        for one in x.unbind(1):
            outs.append(self.q(one) @ fast)
            fast = fast + self.k(one).T @ self.v(one)
        return torch.stack(outs, 1).mean(1)


reservoir, drawn, fast = Reservoir(4, 8), Drawn(4, 8), Fast(4)
head, other = nn.Linear(16, 2), nn.Linear(4, 2)
optimizer = torch.optim.Adam([*head.parameters(), *fast.parameters(), *other.parameters()], lr=1e-2)
for _ in range(4):
    x = torch.randn(6, 3, 4)
    out = head(torch.cat([reservoir(x), drawn(x[:, 0])], 1)) + other(fast(x))
    loss = nn.functional.cross_entropy(out, torch.randint(0, 2, (6,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
