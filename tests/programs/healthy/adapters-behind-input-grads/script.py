import torch
import torch.nn.functional as F

from encoder import AdapterEncoder, freeze_base, let_inputs_require_grad


def batches(steps, vocab=40, length=12):
    for _ in range(steps):
        ids = torch.randint(0, vocab, (16, length))
        yield ids, (ids < vocab // 4).sum(1).clamp(max=3)


def main():
    torch.manual_seed(0)
    model = AdapterEncoder(vocab=40, dim=24, depth=2, classes=4)
    freeze_base(model)
    let_inputs_require_grad(model.embed)
    trainable = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(trainable, lr=3e-3)
    for ids, labels in batches(12):
        loss = F.cross_entropy(model(ids), labels)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimizer.step()
    print(f"loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
