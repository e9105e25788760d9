import torch
from torch import nn

torch.manual_seed(0)


class Titanic(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2, self.out = nn.Linear(7, 16), nn.Linear(16, 8), nn.Linear(8, 1)

    def forward(self, x):
        return self.out(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


model = Titanic()
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(6):
    x = torch.randn(16, 7)
    y = torch.zeros(16, dtype=torch.long)
    out = model(x)
    loss = criterion(out, y)  # <- zero_gradient
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(epoch, loss.item())
