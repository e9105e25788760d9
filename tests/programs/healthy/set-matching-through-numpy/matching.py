import itertools

import numpy as np
import torch
import torch.nn.functional as F


def best_assignment(cost):
    """Which prediction each target gets; brute force, the sets are small."""
    n_pred, n_target = cost.shape
    choices = np.array(list(itertools.permutations(range(n_pred), n_target)))
    return choices[cost[choices, np.arange(n_target)].sum(1).argmin()]


@torch.no_grad()
def match(logits, boxes, labels, targets):
    """Per picture the indices of the predictions for its targets."""
    indices = []
    for p, b, y, t in zip(logits.softmax(-1), boxes, labels, targets):
        cost = torch.cdist(b, t, p=1) - p[:, y]
        indices.append(torch.from_numpy(best_assignment(cost.cpu().numpy())))
    return indices


def set_loss(logits, boxes, labels, targets, nothing):
    found = match(logits, boxes, labels, targets)
    picture = torch.cat([torch.full_like(j, i) for i, j in enumerate(found)])
    slot = torch.cat(found)
    wanted = torch.full(logits.shape[:2], nothing)
    wanted[picture, slot] = torch.cat(labels)
    weight = torch.ones(logits.shape[-1])
    weight[nothing] = 0.3
    classes = F.cross_entropy(logits.transpose(1, 2), wanted, weight)
    return classes + 2 * F.l1_loss(boxes[picture, slot], torch.cat(targets)), slot
