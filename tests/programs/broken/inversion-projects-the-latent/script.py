import argparse

import torch
import torch.nn as nn
import torch.nn.functional as F


def make_generator(dim, out):
    net = nn.Sequential(nn.Linear(dim, 32), nn.Tanh(), nn.Linear(32, out))
    return net.eval().requires_grad_(False)


def invert(generator, target, dim, steps, lr=0.1, bound=2.0):
    z = torch.zeros(target.shape[0], dim, requires_grad=True)
    optimizer = torch.optim.Adam([z], lr=lr)
    history = []
    for step in range(steps):
        optimizer.zero_grad()
        loss = F.mse_loss(generator(z), target) + 1e-3 * z.square().mean()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            z = z.clamp(-bound, bound)
        z.requires_grad_(True)
        history.append(loss.item())
    return z.detach(), history


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--steps", type=int, default=30)
    parser.add_argument("--dim", type=int, default=6)
    args = parser.parse_args()
    torch.manual_seed(0)
    generator = make_generator(args.dim, 40)
    target = generator(torch.randn(3, args.dim))
    z, history = invert(generator, target, args.dim, args.steps)
    print(f"first {history[0]:.4f} last {history[-1]:.4f} |z| {z.abs().max():.3f}")


if __name__ == "__main__":
    main()
