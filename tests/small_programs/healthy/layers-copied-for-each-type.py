"""A model written for one type is rewritten by `torch.fx` for two, as graph libraries do: what the last layer
makes of the other type is computed along, and isn't asked for."""

import copy
import operator

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.LazyLinear(8), nn.LazyLinear(2)

    def forward(self, x):
        return self.last(self.first(x).relu())


def for_types(net, types):
    layers = {f"{name}.{one}": copy.deepcopy(layer) for name, layer in net.named_children() for one in types}
    graph = torch.fx.Graph()
    given = graph.placeholder("x")
    out = {}
    for one in types:
        x = graph.call_function(operator.getitem, (given, one))
        x = graph.call_method("relu", (graph.call_module(f"first.{one}", (x,)),))
        out[one] = graph.call_module(f"last.{one}", (x,))
    graph.output(out)
    return torch.fx.GraphModule(layers, graph)


torch.manual_seed(0)
users, items = torch.randn(20, 6), torch.randn(12, 5)
model = for_types(Net(), ("user", "item"))
with torch.no_grad():
    model({"user": users, "item": items})
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(8):
    optimizer.zero_grad()
    nn.functional.cross_entropy(
        model({"user": users, "item": items})["user"], torch.arange(20) % 2
    ).backward()
    optimizer.step()
