import torch
import torch.nn.functional as F

from tokens import Captioner, train_new_tokens_only

NEW_TOKENS = ["<left>", "<right>", "<up>"]


def captions(n, vocab, new):
    ids = torch.randint(0, vocab, (n, 6))
    ids[:, 2] = vocab + torch.arange(n) % new
    return ids, ids[:, 2] - vocab


def main():
    torch.manual_seed(0)
    model = Captioner(vocab=20, dim=12, classes=len(NEW_TOKENS))
    train_new_tokens_only(model, NEW_TOKENS)
    optimizer = torch.optim.SGD([model.embed.weight], lr=0.5)
    for step in range(10):
        ids, y = captions(15, 20, len(NEW_TOKENS))
        loss = F.cross_entropy(model(ids), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 3 == 0:
            print(f"step {step} loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
