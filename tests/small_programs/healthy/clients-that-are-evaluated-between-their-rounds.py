import copy, random
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0); random.seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.base, self.head = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1)), nn.Linear(16, 4)

    def forward(self, x):
        return self.head(self.base(x))

class Client:
    def __init__(self, model):
        self.model = copy.deepcopy(model)
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.05, momentum=0.5)
        self.x = torch.randn(32, 8); self.y = torch.randint(0, 4, (32,))

    def train(self):
        self.model.train()
        for head in (True, False):
            for p in self.model.base.parameters(): p.requires_grad = not head
            for p in self.model.head.parameters(): p.requires_grad = head
            for _ in range(3):
                loss = F.cross_entropy(self.model(self.x), self.y)
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()

    @torch.no_grad()
    def evaluate(self):
        self.model.eval()
        return (self.model(self.x).argmax(1) == self.y).float().mean().item()

net = Net()
clients = [Client(net) for _ in range(5)]
for round in range(4):
    for client in random.sample(clients, 3):
        client.train()
    print(sum(client.evaluate() for client in clients))
