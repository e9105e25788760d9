import torch


def lengths(vectors):
    return torch.sqrt(vectors.square().sum(-1))


def length_penalty(vectors, goal=1.0):
    return (lengths(vectors) - goal).abs().mean()
