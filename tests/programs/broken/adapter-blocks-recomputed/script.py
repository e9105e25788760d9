import torch
import torch.nn.functional as F

from encoder import AdapterEncoder, freeze_base


def batches(steps, vocab=40, length=12):
    g = torch.Generator().manual_seed(1)
    for _ in range(steps):
        ids = torch.randint(0, vocab, (16, length), generator=g)
        yield ids, (ids < vocab // 4).sum(1).clamp(max=3)


def main():
    torch.manual_seed(0)
    model = AdapterEncoder(vocab=40, dim=24, depth=2, classes=4)
    freeze_base(model)
    trainable = [p for p in model.parameters() if p.requires_grad]
    print(f"training {sum(p.numel() for p in trainable)} of {sum(p.numel() for p in model.parameters())} weights")
    optimizer = torch.optim.AdamW(trainable, lr=3e-3)
    model.train()
    for step, (ids, labels) in enumerate(batches(12)):
        loss = F.cross_entropy(model(ids), labels)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimizer.step()
        if step % 4 == 0:
            print(f"step {step} loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
