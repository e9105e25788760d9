"""Another model judges the words that a policy has drawn: it depends on the policy by what was chosen, and no more."""
import torch
from torch import nn


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.out = nn.Embedding(6, 8), nn.Linear(8, 6)

    def forward(self, ids):
        return self.out(self.words(ids).cumsum(1).tanh())

    @torch.no_grad()
    def drawn(self, ids, steps):
        for _ in range(steps):
            ids = torch.cat([ids, torch.multinomial(self(ids)[:, -1].softmax(-1), 1)], 1)
        return ids


def scores(model, ids):
    return model(ids[:, :-1]).log_softmax(-1).gather(-1, ids[:, 1:, None]).squeeze(-1)


torch.manual_seed(0)
policy, reference = Words(), Words().requires_grad_(False)
optimizer = torch.optim.Adam(policy.parameters(), 1e-2)
for _ in range(8):
    ids = policy.drawn(torch.zeros(8, 1, dtype=torch.long), 5)
    gain = (ids == 2).float().mean(1)
    now, fixed = scores(policy, ids), scores(reference, ids)
    whole = now.sum(1)
    distance = whole - fixed.sum(1)
    each = (fixed - now).exp() - (fixed - now) - 1
    loss = -(whole * (gain - gain.mean())).mean() + 0.1 * distance.mean() + 0.1 * each.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
