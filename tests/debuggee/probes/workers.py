"""A DataLoader with workers; the arguments say how they are started and how many."""
import sys

import torch
from torch.utils.data import DataLoader, Dataset


class Squares(Dataset):
    def __len__(self):
        return 6

    def __getitem__(self, index):
        return torch.full((2,), float(index**2))


if __name__ == "__main__":
    torch.manual_seed(3)
    layer = torch.nn.Linear(2, 1)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.001)
    for batch in DataLoader(Squares(), batch_size=2, num_workers=int(sys.argv[2]), multiprocessing_context=sys.argv[1], shuffle=True):
        optimizer.zero_grad()
        loss = layer(batch).pow(2).mean()
        loss.backward()
        optimizer.step()
        print(loss.item())
    print(torch.get_rng_state().sum().item(), type(batch))
