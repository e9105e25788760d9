"""Each round a client is given a copy of the server's model; its optimizer was built for the first one."""
import copy

import torch
from torch import nn


class Client:
    def __init__(self, model, x):
        self.model, self.x = model, x
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)  # <- optimizer_mismatch

    def update(self):
        for _ in range(2):
            self.optimizer.zero_grad()
            loss = (self.model(self.x) - self.x[:, :1]).square().mean()
            loss.backward()
            self.optimizer.step()
        return self.model.state_dict()


torch.manual_seed(0)
server = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
clients = [Client(copy.deepcopy(server), torch.randn(6, 4)) for _ in range(2)]
for _ in range(3):
    for client in clients:
        client.model = copy.deepcopy(server)
    states = [client.update() for client in clients]
    server.load_state_dict({key: sum(state[key] for state in states) / 2 for key in states[0]})
