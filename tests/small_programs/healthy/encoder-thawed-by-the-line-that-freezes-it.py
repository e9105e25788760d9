"""Captioning: encoder and decoder have an optimizer each; the encoder is fine-tuned from the second epoch on."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
FINE_TUNE_FROM = 1


def set_trainable(module, flag):
    for p in module.parameters():
        p.requires_grad = flag


encoder = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 16))
decoder = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 5))
enc_opt = torch.optim.Adam(encoder.parameters(), lr=1e-4)
dec_opt = torch.optim.Adam(decoder.parameters(), lr=1e-3)
for epoch in range(2):
    set_trainable(encoder, epoch >= FINE_TUNE_FROM)
    for step in range(280):
        x, y = torch.randn(16, 8), torch.randint(0, 5, (16,))
        loss = F.cross_entropy(decoder(encoder(x)), y)
        dec_opt.zero_grad()
        enc_opt.zero_grad()
        loss.backward()
        dec_opt.step()
        enc_opt.step()
