import copy
import random

import torch

DEFAULTS = {"patch": None, "corner": (0, 0), "jitter": 0}


class PatchApplier:
    """Pastes a patch into every image, a little off its corner."""

    def __init__(self, **settings):
        self.settings = copy.deepcopy({**DEFAULTS, **settings})
        self.random = random.Random(0)

    def _place(self):
        return [c + self.random.randint(0, self.settings["jitter"]) for c in self.settings["corner"]]

    def __call__(self, images):
        patch = self.settings["patch"].sigmoid()
        _, height, width = patch.shape
        top, left = self._place()
        mask = torch.zeros_like(images)
        mask[:, :, top : top + height, left : left + width] = 1
        canvas = torch.zeros_like(images)
        canvas[:, :, top : top + height, left : left + width] = patch
        return images * (1 - mask) + canvas
