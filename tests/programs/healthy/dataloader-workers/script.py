import torch
import torch.nn as nn
import torch.nn.functional as F
from dataset import Brackets, ByLength, collate
from torch.nn.utils.rnn import pack_padded_sequence
from torch.utils.data import DataLoader


class Checker(nn.Module):
    def __init__(self, vocab=10, d=8, hidden=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, d, padding_idx=0)
        self.rnn = nn.LSTM(d, hidden, batch_first=True)
        self.out = nn.Linear(hidden, 1)

    def forward(self, tokens, lengths):
        packed = pack_padded_sequence(self.embed(tokens), lengths, batch_first=True, enforce_sorted=False)
        _, (h, _) = self.rnn(packed)
        return self.out(h[-1]).squeeze(1)


def main():
    torch.manual_seed(0)
    data = Brackets(240, seed=1)
    loader = DataLoader(data, batch_sampler=ByLength(data.lengths, 24), num_workers=2, collate_fn=collate)
    model = Checker()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(3):
        total, right = 0.0, 0
        for tokens, lengths, y in loader:
            logit = model(tokens, lengths)
            loss = F.binary_cross_entropy_with_logits(logit, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            right += ((logit > 0) == (y > 0.5)).sum().item()
        print(f"epoch {epoch} loss {total / len(loader):.4f} accuracy {right / len(data):.3f}")
    print("padding row", model.embed.weight[0].abs().sum().item())


if __name__ == "__main__":
    main()
