import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.func import functional_call


class MetaLearner(nn.Module):
    def __init__(self, model, inner_lr=0.05):
        super().__init__()
        self.model = model
        names = [name.replace(".", "_") for name, _ in model.named_parameters()]
        self.rates = nn.ParameterDict({name: nn.Parameter(torch.tensor(inner_lr)) for name in names})

    def loss(self, weights, x, y):
        return F.mse_loss(functional_call(self.model, weights, (x,)), y)

    def adapt(self, x, y, steps=2, second_order=True):
        weights = dict(self.model.named_parameters())
        for _ in range(steps):
            grads = torch.autograd.grad(self.loss(weights, x, y), weights.values(), create_graph=second_order)
            weights = {
                name: w - self.rates[name.replace(".", "_")] * g
                for (name, w), g in zip(weights.items(), grads)
            }
            if not second_order:
                weights = {name: w.detach().requires_grad_() for name, w in weights.items()}
        return weights
