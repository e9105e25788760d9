"""A worker computes gradients on its own copy, in a thread, and hands them to the network that all share."""
import threading

import torch
from torch import nn

torch.manual_seed(0)
shared = nn.Linear(3, 2)


def work():
    local = nn.Linear(3, 2)
    optimizer = torch.optim.Adam(shared.parameters(), lr=1e-2)
    for _ in range(6):
        local.load_state_dict(shared.state_dict())
        optimizer.zero_grad()
        local.zero_grad()
        nn.functional.cross_entropy(local(torch.randn(8, 3)), torch.randint(0, 2, (8,))).backward()
        for theirs, mine in zip(shared.parameters(), local.parameters()):
            theirs.grad = mine.grad
        optimizer.step()


thread = threading.Thread(target=work)
thread.start()
thread.join()
