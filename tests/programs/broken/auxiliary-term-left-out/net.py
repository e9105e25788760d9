import torch.nn as nn

SIZES = {"depth": 1, "normals": 3}


def decoder(width, out):
    return nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, out))


class MultiTask(nn.Module):
    def __init__(self, tasks, width):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(8, width), nn.ReLU())
        self.decoders = nn.ModuleDict({task: decoder(width, SIZES[task]) for task in tasks})

    def forward(self, x):
        h = self.trunk(x)
        return {task: decode(h) for task, decode in self.decoders.items()}
