import numpy as np
import torch
import torch.nn as nn


def word_vectors(words, d, seed=0):
    """Stands for a file of vectors."""
    rng = np.random.default_rng(seed)
    return {w: rng.normal(size=d).astype(np.float32) for w in words}


def embedding_from(vectors):
    table = torch.from_numpy(np.stack(list(vectors.values())))
    return nn.Embedding.from_pretrained(table, freeze=False)


def extend(embedding, extra):
    """A larger table with the old rows first and the mean of them for the new words."""
    old = embedding.weight.data
    new = nn.Embedding(len(old) + extra, old.shape[1])
    with torch.no_grad():
        new.weight[: len(old)] = old
        new.weight[len(old) :] = old.mean(0) + 0.01 * torch.randn(extra, old.shape[1])
    return new


def port(source, target):
    """Copies what fits; a wider target keeps its own values in the rest."""
    for (name, a), (_, b) in zip(source.named_parameters(), target.named_parameters()):
        part = tuple(slice(0, n) for n in a.shape)
        b.data[part].copy_(a.data)
        print(f"ported {name} {tuple(a.shape)} into {tuple(b.shape)}")
