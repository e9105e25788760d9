import torch


def safe_norm(v, eps=1e-12):
    """Zero, with a zero gradient, for the zero vector."""
    squared = v.square().sum(-1)
    zero = squared < eps
    return torch.where(zero, 0.0, torch.where(zero, 1.0, squared).sqrt())


def angle(u, v):
    length = safe_norm(u) * safe_norm(v)
    defined = length > 0
    cosine = (u * v).sum(-1) / torch.where(defined, length, 1.0)
    return torch.where(defined, torch.acos(cosine.clamp(-0.999, 0.999)), 0.0)


def neighbour_mean(x, near):
    """Mean over the neighbours of each point; points without one keep their own value."""
    count = near.sum(-1, keepdim=True)
    mean = (near.float() @ x) / count.clamp(min=1)
    return torch.where(count > 0, mean, x)
