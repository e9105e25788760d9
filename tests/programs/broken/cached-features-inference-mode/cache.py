import torch


class FeatureCache:
    """Runs the backbone once for each batch and keeps what came out."""

    def __init__(self, backbone):
        self.backbone = backbone
        self.store = {}

    @torch.inference_mode()
    def compute(self, x):
        return self.backbone(x)

    def get(self, key, x):
        if key not in self.store:
            self.store[key] = self.compute(x)
        return self.store[key]
