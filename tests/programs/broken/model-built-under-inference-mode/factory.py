import torch
import torch.nn as nn


def mlp(features, width, classes):
    return nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, classes))


def create(config):
    """A model that has run once, so that a bad config fails early."""
    with torch.inference_mode():
        model = mlp(**config)
        out = model(torch.zeros(2, config["features"]))
        assert out.shape == (2, config["classes"])
    return model
