import numpy as np
import torch


def saliency(model, x, y):
    probe = x.detach().clone().requires_grad_(True)
    score = model(probe).gather(1, y[:, None]).sum()
    (grad,) = torch.autograd.grad(score, probe)
    return grad.abs().mean(0).numpy()


def integrated_gradients(model, x, target, steps=8):
    baseline = torch.zeros_like(x)
    total = torch.zeros_like(x)
    for alpha in np.linspace(1 / steps, 1, steps):
        point = (baseline + float(alpha) * (x - baseline)).requires_grad_()
        out = model(point)[:, target].sum()
        total += torch.autograd.grad(out, point)[0]
    return ((x - baseline) * total / steps).mean(0).tolist()
