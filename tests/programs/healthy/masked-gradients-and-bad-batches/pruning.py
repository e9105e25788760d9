import torch
import torch.nn as nn


class Pruner:
    """Keeps the largest weights; a hook on each Parameter keeps the others at zero."""

    def __init__(self, model, share):
        self.masks = {}
        for name, layer in model.named_modules():
            if isinstance(layer, nn.Linear) and layer.out_features > 4:
                self.masks[name] = self._mask(layer.weight, share)

    def _mask(self, weight, share):
        with torch.no_grad():
            limit = weight.abs().flatten().kthvalue(int(weight.numel() * share)).values
            mask = (weight.abs() > limit).float()
            weight.mul_(mask)
        weight.register_hook(lambda grad: grad * mask)
        return mask


def finite(parameters):
    return all(p.grad is None or p.grad.isfinite().all().item() for p in parameters)
