import torch.nn as nn


def initialise(model, forget_bias):
    """Orthogonal recurrent weights, and forget gates that begin open."""
    for name, p in model.named_parameters():
        if "weight_hh" in name:
            nn.init.orthogonal_(p)
        elif "bias_hh" in name:
            gate = p.shape[0] // 4
            p[gate : 2 * gate] = forget_bias
        elif p.ndim > 1:
            nn.init.xavier_uniform_(p)
