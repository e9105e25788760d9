import torch


def distances(a):
    squared = (a[:, None] - a[None]).square().sum(-1)
    return (squared + 1e-8).sqrt()


def hardest(distance, labels):
    """For each anchor the farthest of its class and the nearest of the others."""
    same = labels[:, None] == labels
    d = distance.detach()
    positive = d.masked_fill(~same, -1).argmax(1)
    negative = d.masked_fill(same, float("inf")).argmin(1)
    return positive, negative


def triplet_loss(embedding, labels, margin=0.4):
    distance = distances(embedding)
    positive, negative = hardest(distance, labels)
    rows = torch.arange(len(labels))
    violation = (distance[rows, positive] - distance[rows, negative] + margin).clamp(min=0)
    active = (violation > 0).sum()
    return violation.sum() / active.clamp(min=1), active.item()
