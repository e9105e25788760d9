"""Equal eigenvalues make a NaN in backward; a step writes it, and the next forward raises because of it."""
import torch

torch.manual_seed(0)
weight = torch.nn.Parameter(torch.eye(3))
wanted = torch.diag(torch.tensor([1.0, 2.0, 3.0]))
optimizer = torch.optim.SGD([weight], lr=0.1)
for _ in range(5):
    values, vectors = torch.linalg.eigh(weight)  # <- nan_gradient or other
    loss = ((vectors * values.sqrt()) @ vectors.mT - wanted).square().sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
