import copy
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class MoCo(nn.Module):
    def __init__(self, d=6, k=16, m=0.99, t=0.1):
        super().__init__()
        self.encoder_q = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, d))
        self.encoder_k = copy.deepcopy(self.encoder_q)
        for p in self.encoder_k.parameters():
            p.requires_grad = False
        self.m, self.t, self.k = m, t, k
        self.queue = torch.randn(d, k)
        self.register_buffer("ptr", torch.zeros(1, dtype=torch.long))

    @torch.no_grad()
    def enqueue(self, keys):
        ptr = int(self.ptr)
        self.queue[:, ptr:ptr + len(keys)] = keys.T
        self.ptr[0] = (ptr + len(keys)) % self.k

    def forward(self, im_q, im_k):
        q = F.normalize(self.encoder_q(im_q), dim=1)
        with torch.no_grad():
            for a, b in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
                b.data = b.data * self.m + a.data * (1.0 - self.m)
            k = F.normalize(self.encoder_k(im_k), dim=1)
        pos = torch.einsum("nc,nc->n", q, k).unsqueeze(-1)
        neg = torch.einsum("nc,ck->nk", q, self.queue.clone().detach())
        logits = torch.cat([pos, neg], 1) / self.t
        self.enqueue(k)
        return logits, torch.zeros(len(logits), dtype=torch.long)


model = MoCo()
opt = torch.optim.SGD(model.parameters(), 0.03, momentum=0.9)
for step in range(4):
    x = torch.randn(4, 8)
    logits, labels = model(x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x))
    loss = F.cross_entropy(logits, labels)
    opt.zero_grad()
    loss.backward()
    opt.step()
