import torch
import torch.nn as nn


class NMF(nn.Module):
    def __init__(self, rows, columns, rank):
        super().__init__()
        self.left = nn.Parameter(torch.rand(rows, rank))
        self.right = nn.Parameter(torch.rand(rank, columns))
        self.offset = nn.Parameter(torch.zeros(columns))

    def forward(self, index=None):
        full = self.left @ self.right + self.offset
        return full if index is None else full[index]

    @torch.no_grad()
    def project(self):
        for p in self.parameters():
            p.clamp_(min=0)
        length = self.right.norm(dim=1, keepdim=True).clamp(min=1e-6)
        self.right.copy_(self.right / length)
        self.left.mul_(length.t())


def ratings(rows, columns, rank):
    truth = torch.rand(rows, rank).pow(3) @ torch.rand(rank, columns).pow(3)
    seen = torch.rand(rows, columns) < 0.4
    return truth, seen.nonzero(as_tuple=True)


torch.manual_seed(0)
truth, seen = ratings(40, 25, rank=3)
model = NMF(40, 25, rank=3)
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.8)
for step in range(80):
    error = model(seen) - truth[seen]
    sparsity = model.left.abs().mean()
    loss = error.square().sum() / 40 + 0.01 * sparsity
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    model.project()
    if step % 20 == 0:
        with torch.no_grad():
            at_bound = (model.left == 0).float().mean().item()
            unseen = (model() - truth).square().mean().sqrt().item()
        print(f"step {step:2d} loss {loss.item():.4f} error {unseen:.4f} at the bound {at_bound:.2f}")
