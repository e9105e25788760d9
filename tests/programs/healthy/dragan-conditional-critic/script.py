import torch
from torch import autograd, nn


class Generator(nn.Module):
    def __init__(self, classes=3, noise=6, hidden=32):
        super().__init__()
        self.noise = noise
        self.label = nn.Embedding(classes, noise)
        self.net = nn.Sequential(nn.Linear(noise, hidden), nn.ELU(), nn.Linear(hidden, 2))

    def forward(self, labels):
        z = torch.randn(len(labels), self.noise)
        return self.net(z + self.label(labels))


class Critic(nn.Module):
    def __init__(self, classes=3, hidden=32):
        super().__init__()
        self.label = nn.Embedding(classes, hidden)
        self.inp = nn.Linear(2, hidden)
        self.mid = nn.Linear(hidden, hidden)
        self.score = nn.Linear(hidden, 1)

    def forward(self, x, labels):
        h = torch.tanh(self.inp(x) + self.label(labels))
        return self.score(torch.tanh(self.mid(h))).squeeze(-1)


def gradient_penalty(critic, real, labels, weight=5.0):
    noisy = real + 0.5 * real.std() * torch.rand_like(real)
    noisy = noisy.detach().requires_grad_()
    score = critic(noisy, labels)
    (slope,) = autograd.grad(score.sum(), noisy, create_graph=True)
    return weight * (slope.norm(dim=1) - 1).square().mean()


def batch(n):
    labels = torch.randint(0, 3, (n,))
    centres = torch.tensor([[0.0, 1.0], [0.9, -0.5], [-0.9, -0.5]])
    return centres[labels] + 0.1 * torch.randn(n, 2), labels


torch.manual_seed(0)
gen, critic = Generator(), Critic()
opt_g = torch.optim.RMSprop(gen.parameters(), lr=1e-3)
opt_c = torch.optim.RMSprop(critic.parameters(), lr=1e-3)
for step in range(36):
    real, labels = batch(48)
    with torch.no_grad():
        fake = gen(labels)
    loss_c = critic(fake, labels).mean() - critic(real, labels).mean()
    loss_c = loss_c + gradient_penalty(critic, real, labels)
    opt_c.zero_grad()
    loss_c.backward()
    opt_c.step()
    if step % 4 == 3:
        opt_g.zero_grad()
        loss_g = -critic(gen(labels), labels).mean()
        loss_g.backward()
        opt_g.step()
        print(f"{step:3d} critic {loss_c.item():+.3f} generator {loss_g.item():+.3f}")
