import torch.nn as nn


class Wrapped(nn.Module):
    """A model together with the scaling of its inputs."""

    def __init__(self, model, scale):
        super().__init__()
        self.model = model
        self.register_buffer("scale", scale)

    def forward(self, x):
        return self.model(x / self.scale)


def freeze_except(model, *prefixes):
    frozen = 0
    for name, p in model.named_parameters():
        if not name.startswith(prefixes):
            p.requires_grad_(False)
            frozen += p.numel()
    print(f"froze {frozen} weights")
