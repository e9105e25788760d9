import numpy as np
import torch


class Sensors:
    def __init__(self, seed, channels=4):
        self.rng = np.random.default_rng(seed)
        self.mix = self.rng.normal(size=(channels, channels))

    def read(self, n):
        clean = self.rng.normal(size=(n, 4))
        raw = clean @ self.mix + 0.1 * self.rng.normal(size=(n, 4))
        raw = (raw - raw.mean(0)) / raw.std(0)
        event = (clean[:, 0] > 0.5).astype(int)
        weights = [2.0 if e else 1.0 for e in event]
        return raw.astype(np.float32), clean.astype(np.float32), event, weights


def to_torch(raw, clean, event, weights):
    return (
        torch.from_numpy(raw),
        torch.tensor(clean),
        torch.as_tensor(event, dtype=torch.float32),
        torch.FloatTensor(weights),
    )
