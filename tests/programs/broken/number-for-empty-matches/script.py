import torch
import torch.nn as nn


def match(scores, boxes, truth, radius):
    near = (boxes.detach()[:, None] - truth[None]).abs().sum(-1) < radius
    return near.nonzero(as_tuple=True)


class Proposals(nn.Module):
    def __init__(self, features=6):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(features, 16), nn.ReLU())
        self.boxes, self.scores = nn.Linear(16, 2), nn.Linear(16, 1)

    def forward(self, x):
        h = self.net(x)
        return self.scores(h).squeeze(1), self.boxes(h)

    def loss(self, x, truth, radius=1.5):
        scores, boxes = self(x)
        rows, cols = match(scores, boxes, truth, radius)
        if len(rows) == 0:
            return 0.0
        fit = (boxes[rows] - truth[cols]).abs().sum(1)
        return (fit - torch.nn.functional.logsigmoid(scores[rows])).mean()


def pictures(n, epoch):
    for i in range(n):
        far = 50.0 if (epoch, i) == (1, 2) else 0.0
        yield torch.randn(10, 6), torch.randn(3, 2) * 0.5 + far


torch.manual_seed(0)
model = Proposals()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(2):
    for x, truth in pictures(4, epoch):
        loss = model.loss(x, truth)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} {float(loss):.4f}")
