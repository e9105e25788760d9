import numpy as np


def r2(true, pred):
    return 1 - ((true - pred) ** 2).sum() / ((true - true.mean(0)) ** 2).sum()


def roc_auc(label, score):
    order = np.argsort(score)
    rank = np.empty(len(score))
    rank[order] = np.arange(1, len(score) + 1)
    positive = label.sum()
    return (rank[label == 1].sum() - positive * (positive + 1) / 2) / (positive * (len(label) - positive))
