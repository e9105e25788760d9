import torch
import torch.nn as nn
import torch.nn.functional as F
from kmeans import kmeans


class DEC(nn.Module):
    def __init__(self, d_in=10, d=3, k=4):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(d_in, 24), nn.ReLU(), nn.Linear(24, d))
        self.decoder = nn.Sequential(nn.Linear(d, 24), nn.ReLU(), nn.Linear(24, d_in))
        self.centres = nn.Parameter(torch.zeros(k, d))

    def soft_assignment(self, z):
        q = 1 / (1 + torch.cdist(z, self.centres).square())
        return q / q.sum(1, keepdim=True)


def target_distribution(q):
    weight = q**2 / q.sum(0)
    return (weight.T / weight.sum(1)).T.detach()


torch.manual_seed(0)
truth = torch.randint(0, 4, (200,))
x = 2 * torch.randn(4, 10)[truth] + 0.7 * torch.randn(200, 10)
model = DEC()
pretrain = torch.optim.Adam([*model.encoder.parameters(), *model.decoder.parameters()], lr=1e-2)
for _ in range(30):
    loss = F.mse_loss(model.decoder(model.encoder(x)), x)
    pretrain.zero_grad()
    loss.backward()
    pretrain.step()
print(f"reconstruction {loss.item():.4f}")

codes = model.encoder(x).detach().cpu().numpy()
model.centres.data.copy_(torch.from_numpy(kmeans(codes, 4)))
optimizer = torch.optim.SGD([*model.encoder.parameters(), model.centres], lr=0.1, momentum=0.9)
for step in range(30):
    q = model.soft_assignment(model.encoder(x))
    if step % 10 == 0:
        p = target_distribution(q)
    loss = F.kl_div(q.log(), p, reduction="batchmean")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
label = q.argmax(1)
purity = sum(torch.bincount(truth[label == c], minlength=4).max().item() for c in range(4)) / 200
print(f"divergence {loss.item():.4f} purity {purity:.3f}")
