import torch
import torch.nn as nn
import torch.nn.functional as F

from lora import LoRALinear
from model import Decoder

CONFIG = {"lr": 1e-2, "lengths": [8, 24], "steps": 5, "checkpoint_from": 16}


def inject(model, rank=4):
    model.requires_grad_(False)
    for layer in model.layers:
        layer.proj = LoRALinear(layer.proj, rank)
        layer.gate = LoRALinear(layer.gate, rank)


def run_epoch(model, optimizer, length, steps):
    for _ in range(steps):
        ids = torch.randint(0, 30, (8, length + 1)).cumsum(1) % 30
        logits = model(ids[:, :-1])
        loss = F.cross_entropy(logits.flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


def main():
    torch.manual_seed(0)
    model = Decoder(vocab=30, dim=16)
    inject(model)
    optimizer = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=CONFIG["lr"])
    for epoch, length in enumerate(CONFIG["lengths"]):
        if length >= CONFIG["checkpoint_from"]:
            model.gradient_checkpointing_enable()
        print(f"epoch {epoch} loss {run_epoch(model, optimizer, length, CONFIG['steps']):.4f}")


if __name__ == "__main__":
    main()
