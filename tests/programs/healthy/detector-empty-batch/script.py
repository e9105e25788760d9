import torch
import torch.nn as nn
from losses import box_loss, objectness_loss


class Detector(nn.Module):
    def __init__(self, width=8):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.ReLU(), nn.AvgPool2d(4))
        self.objects, self.boxes = nn.Conv2d(width, 1, 1), nn.Conv2d(width, 2, 1)

    def forward(self, x):
        h = self.body(x)
        return self.objects(h).squeeze(1), self.boxes(h).permute(0, 2, 3, 1)


def pictures(n, rate):
    x = 0.1 * torch.randn(n, 1, 16, 16)
    objects, boxes = torch.zeros(n, 4, 4, dtype=torch.bool), torch.zeros(n, 4, 4, 2)
    for i in range(n):
        if torch.rand(()) < rate:
            r, c = torch.randint(0, 4, (2,)).tolist()
            h, w = torch.randint(1, 5, (2,)).tolist()
            x[i, 0, 4 * r : 4 * r + h, 4 * c : 4 * c + w] += 1
            objects[i, r, c], boxes[i, r, c] = True, torch.tensor([h / 4, w / 4])
    return x, objects, boxes


torch.manual_seed(2)
net = Detector()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
empty = 0
for step in range(40):
    x, objects, boxes = pictures(6, rate=0.2)
    logits, pred = net(x)
    loss = objectness_loss(logits, objects) + box_loss(pred, boxes, objects)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    empty += int(not objects.any())
print(f"loss {loss.item():.4f}, {empty} batches without an object")
