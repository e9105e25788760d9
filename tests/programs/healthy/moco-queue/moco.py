import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


class MoCo(nn.Module):
    def __init__(self, encoder, d, size=96, momentum=0.95, temperature=0.2):
        super().__init__()
        self.encoder_q, self.encoder_k = encoder, copy.deepcopy(encoder)
        for p in self.encoder_k.parameters():
            p.requires_grad = False
        self.momentum, self.temperature = momentum, temperature
        self.register_buffer("queue", F.normalize(torch.randn(d, size), dim=0))
        self.register_buffer("pointer", torch.zeros(1, dtype=torch.long))

    @torch.no_grad()
    def _follow(self):
        for q, k in zip(self.encoder_q.parameters(), self.encoder_k.parameters()):
            k.data = k.data * self.momentum + q.data * (1 - self.momentum)

    @torch.no_grad()
    def _enqueue(self, keys):
        begin = int(self.pointer)
        self.queue[:, begin : begin + len(keys)] = keys.T
        self.pointer[0] = (begin + len(keys)) % self.queue.shape[1]

    def forward(self, view_q, view_k):
        q = F.normalize(self.encoder_q(view_q), dim=1)
        with torch.no_grad():
            self._follow()
            order = torch.randperm(len(view_k))
            k = F.normalize(self.encoder_k(view_k[order]), dim=1)[order.argsort()]
        positive = torch.einsum("nc,nc->n", q, k).unsqueeze(-1)
        negative = q @ self.queue.clone().detach()
        self._enqueue(k)
        logits = torch.cat([positive, negative], 1) / self.temperature
        return logits, torch.zeros(len(logits), dtype=torch.long)
