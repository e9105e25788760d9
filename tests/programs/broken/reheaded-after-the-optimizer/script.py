import torch
import torch.nn as nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, features=10, width=16, classes=100):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(features, width), nn.ReLU())
        self.head = nn.Linear(width, classes)

    def set_classes(self, classes):
        self.head = nn.Linear(self.head.in_features, classes)

    def forward(self, x):
        return self.head(self.body(x))


class Experiment:
    def __init__(self, model, lr):
        self.model = model
        self.optimizer = torch.optim.AdamW(model.parameters(), lr=lr)

    def prepare(self, dataset):
        classes = len(set(label for _, label in dataset))
        self.model.set_classes(classes)

    def run(self, dataset, epochs=3, size=20):
        for epoch in range(epochs):
            for start in range(0, len(dataset), size):
                xs, ys = zip(*dataset[start : start + size])
                loss = F.cross_entropy(self.model(torch.stack(xs)), torch.tensor(ys))
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
            print(f"epoch {epoch} loss {loss.item():.4f}")


torch.manual_seed(0)
dataset = [(x, int(x[0] > 0) + int(x[1] > 0)) for x in torch.randn(80, 10)]
experiment = Experiment(Classifier(), lr=1e-2)
experiment.prepare(dataset)
experiment.run(dataset)
