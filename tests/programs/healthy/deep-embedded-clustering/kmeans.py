import numpy as np


def kmeans(points, k, seed=0, rounds=10):
    """Lloyd's algorithm, started far apart."""
    rng = np.random.default_rng(seed)
    centres = points[[rng.integers(len(points))]]
    while len(centres) < k:
        far = ((points[:, None] - centres) ** 2).sum(-1).min(1).argmax()
        centres = np.concatenate([centres, points[[far]]])
    for _ in range(rounds):
        label = ((points[:, None] - centres) ** 2).sum(-1).argmin(1)
        for i in np.unique(label):
            centres[i] = points[label == i].mean(0)
    return centres
