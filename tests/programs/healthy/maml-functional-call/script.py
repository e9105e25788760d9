import torch
import torch.nn as nn
from maml import MetaLearner


class Sines:
    def sample(self, n):
        amplitude, phase = 0.5 + torch.rand(1) * 2, torch.rand(1) * torch.pi
        x = torch.rand(2 * n, 1) * 6 - 3
        y = amplitude * torch.sin(x + phase)
        return (x[:n], y[:n]), (x[n:], y[n:])


def main(steps=20, tasks=4, shots=10):
    torch.manual_seed(0)
    net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    learner, source = MetaLearner(net), Sines()
    optimizer = torch.optim.Adam(learner.parameters(), lr=3e-3)
    for step in range(steps):
        optimizer.zero_grad()
        outer = 0.0
        for _ in range(tasks):
            support, query = source.sample(shots)
            outer = outer + learner.loss(learner.adapt(*support), *query) / tasks
        outer.backward()
        nn.utils.clip_grad_norm_(learner.parameters(), 5.0)
        optimizer.step()
        if step % 5 == 0:
            print(f"step {step:2d} query loss after adaptation {outer.item():.4f}")
    support, query = source.sample(shots)
    weights = learner.adapt(*support, steps=5, second_order=False)
    with torch.no_grad():
        print(f"new task {learner.loss(weights, *query).item():.4f}")


main()
