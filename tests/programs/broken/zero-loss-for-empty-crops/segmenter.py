import torch
import torch.nn as nn
import torch.nn.functional as F


class Segmenter(nn.Module):
    def __init__(self, width=6):
        super().__init__()
        self.conv1 = nn.Conv2d(1, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, 2, 3, padding=1)

    def forward(self, x):
        return self.conv2(F.relu(self.conv1(x)))


def foreground_loss(logits, mask):
    """Cross-entropy over the images that show anything at all."""
    shown = mask.flatten(1).any(1)
    if not shown.any():
        return torch.tensor(0.0, requires_grad=True)
    return F.cross_entropy(logits[shown], mask[shown])
