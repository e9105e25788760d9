import numpy as np
import torch


def to_array(t):
    return t.detach().cpu().numpy()


def trimmed_mean(residuals, keep):
    """The residuals below the quantile `keep`: outliers do not count."""
    values = to_array(residuals)
    threshold = np.quantile(values, keep)
    kept = np.sort(values[values <= threshold])
    return torch.tensor(kept, requires_grad=True)
