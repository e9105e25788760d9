import torch


class SparsityHooks:
    """Adds the mean activation of every layer of one kind to the loss."""

    def __init__(self, model, kind, weight):
        self.weight, self.activations = weight, {}
        for name, module in model.named_modules():
            if isinstance(module, kind):
                module.register_forward_hook(self._keep(name))

    def _keep(self, name):
        def hook(module, inputs, output):
            self.activations[name] = output

        return hook

    def penalty(self):
        penalties = [a.abs().mean() for a in self.activations.values()]
        self.activations.clear()
        return self.weight * torch.tensor(penalties).sum()
