import torch.nn.functional as F


def angular(pred, target):
    return 1 - F.cosine_similarity(pred, target, dim=1).mean()


TERMS = {"depth": F.l1_loss, "normals": angular}


def total_loss(outputs, targets, weights):
    total = 0
    for task, pred in outputs.items():
        if task in weights:
            total = total + weights[task] * TERMS[task](pred, targets[task])
    return total
