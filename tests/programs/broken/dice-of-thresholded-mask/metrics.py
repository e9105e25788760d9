def binarise(logits, threshold=0.5):
    return (logits.sigmoid() > threshold).float()


def dice(logits, mask, eps=1.0):
    pred = binarise(logits)
    overlap = (pred * mask).flatten(1).sum(1)
    return ((2 * overlap + eps) / (pred.flatten(1).sum(1) + mask.flatten(1).sum(1) + eps)).mean()
