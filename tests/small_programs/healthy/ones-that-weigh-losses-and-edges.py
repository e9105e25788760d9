"""Ones that weigh classes, targets, terms of a loss, and edges of a graph, or that are a filter."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Weighed(nn.Module):
    def __init__(self, classes, outputs):
        super().__init__()
        self.class_weight, self.weight = torch.ones(classes), torch.ones(outputs)
        self.weights, self.beta = torch.ones(2), torch.ones(1)

    def forward(self, scores, labels, out, target):
        terms = [
            F.cross_entropy(scores, labels, self.class_weight),
            ((out - target).square() * self.weight).mean(),
        ]
        return (torch.stack(terms) * self.weights).sum() + self.beta * out.square().mean()


class Graph(nn.Module):
    def __init__(self, ends, nodes):
        super().__init__()
        self.ends, self.nodes = ends, nodes
        self.weight = torch.ones(ends.shape[1])
        self.kernel = torch.ones(1, 1, 3)

    def forward(self, x):
        sent = x[self.ends[0]] * self.weight.unsqueeze(-1)
        x = torch.zeros(self.nodes, x.shape[1]).index_add(0, self.ends[1], sent)
        return F.conv1d(x.unsqueeze(1), self.kernel, padding=1).squeeze(1) / 3


first, graph = nn.Linear(4, 6), Graph(torch.randint(0, 8, (2, 20)), 8)
of_classes, of_outputs, judged = nn.Linear(6, 3), nn.Linear(6, 2), Weighed(3, 2)
opt = torch.optim.Adam([*first.parameters(), *of_classes.parameters(), *of_outputs.parameters()], 1e-2)
for _ in range(4):
    x = graph(first(torch.randn(8, 4)))
    loss = judged(of_classes(x), torch.randint(0, 3, (8,)), of_outputs(x), torch.randn(8, 2))
    opt.zero_grad()
    loss.backward()
    opt.step()
