import torch
from torch import nn

torch.manual_seed(0)


class Recommender(nn.Module):
    def __init__(self):
        super().__init__()
        self.table, self.mix = nn.Embedding(6, 4), nn.Parameter(torch.zeros(3))
        self._kept = None

    def propagate(self):
        layers = [self.table.weight]
        for _ in range(2):
            layers.append(layers[-1].roll(1, 0))
        return (torch.stack(layers) * self.mix.softmax(0)[:, None, None]).sum(0)

    def representations(self):
        if self._kept is None:
            self._kept = self.propagate()  # <- no_grad
        return self._kept

    def score(self, users, items):
        all_of_them = self.representations()
        return (all_of_them[users] * all_of_them[items]).sum(-1)


@torch.no_grad()
def evaluated(model):
    return model.score(torch.arange(3), torch.arange(3, 6)).mean().item()


model = Recommender()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
evaluated(model)
for _ in range(4):
    users, items = torch.randint(0, 3, (4,)), torch.randint(3, 6, (4,))
    optimizer.zero_grad()
    (nn.functional.softplus(-model.score(users, items)).mean() + model.table(users).square().mean()).backward()
    optimizer.step()
