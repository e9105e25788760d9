import torch
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import Dataset, Sampler


class Brackets(Dataset):
    """Strings of brackets; is one balanced? Token 0 is padding."""

    def __init__(self, n, seed):
        g = torch.Generator().manual_seed(seed)
        self.lengths = (2 * torch.randint(1, 6, (n,), generator=g)).tolist()
        self.tokens = [torch.randint(1, 3, (length,), generator=g) for length in self.lengths]

    def __len__(self):
        return len(self.tokens)

    def __getitem__(self, i):
        step = torch.where(self.tokens[i] == 1, 1, -1).cumsum(0)
        return self.tokens[i], bool(step[-1] == 0 and step.min() >= 0)


class ByLength(Sampler):
    def __init__(self, lengths, size):
        order = sorted(range(len(lengths)), key=lengths.__getitem__)
        self.batches = [order[i : i + size] for i in range(0, len(order), size)]

    def __iter__(self):
        for i in torch.randperm(len(self.batches)).tolist():
            yield self.batches[i]

    def __len__(self):
        return len(self.batches)


def collate(items):
    tokens, labels = zip(*items)
    lengths = torch.tensor([len(t) for t in tokens])
    return pad_sequence(tokens, batch_first=True), lengths, torch.tensor(labels, dtype=torch.float32)
