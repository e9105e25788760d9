import torch
from torch import nn

torch.manual_seed(0)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(20, 8, padding_idx=0)
        self.layer = nn.Linear(8, 8)
        self.apply(self._start)

    def _start(self, module):
        if isinstance(module, nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
            with torch.no_grad():
                module.weight[module.padding_idx].zero_()

    def forward(self, ids):
        return self.layer(self.words(ids)).mean(dim=1)


encoder, head = Encoder(), nn.Linear(8, 3)
for p in encoder.words.parameters():
    p.requires_grad = False
opt = torch.optim.AdamW([*encoder.parameters(), *head.parameters()], lr=1e-2)
for step in range(6):
    ids = torch.randint(0, 20, (4, 7))
    loss = nn.functional.cross_entropy(head(encoder(ids)), torch.randint(0, 3, (4,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
