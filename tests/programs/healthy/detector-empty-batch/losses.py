import torch.nn.functional as F


def box_loss(boxes, targets, objects):
    """Smooth L1 over the cells that hold an object, and a differentiable zero where none does."""
    if not objects.any():
        return boxes.sum() * 0.0
    return F.smooth_l1_loss(boxes[objects], targets[objects])


def objectness_loss(logits, objects, ratio=3):
    """Binary cross-entropy with the hardest negatives only."""
    loss = F.binary_cross_entropy_with_logits(logits, objects.float(), reduction="none")
    positives = objects.sum().item()
    negative = loss.detach().masked_fill(objects, -1.0).flatten()
    hardest = negative.topk(max(ratio * positives, 4)).indices
    keep = objects.flatten().clone()
    keep[hardest] = True
    return loss.flatten()[keep].sum() / max(positives, 1)
