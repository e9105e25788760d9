import torch
import torch.nn as nn


class Fusion(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.width = width
        self.project = nn.ModuleDict()
        self.out = nn.Sequential(nn.LayerNorm(width), nn.ReLU(), nn.Linear(width, classes))

    def modality(self, name, x):
        if name not in self.project:
            self.project[name] = nn.Linear(x.shape[1], self.width)
        return self.project[name](x)

    def forward(self, image, text):
        return self.out(self.modality("image", image) + self.modality("text", text))
