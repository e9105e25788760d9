import torch

from segmenter import Segmenter, foreground_loss


def crops(n, epoch, size=8):
    x = torch.rand(n, 1, size, size)
    threshold = 0.6 if epoch == 0 else 1.5
    return x, (x > threshold).long().squeeze(1)


class Averages(dict):
    def update_mean(self, key, value):
        n, mean = self.get(key, (0, 0.0))
        self[key] = (n + 1, mean + (value - mean) / (n + 1))


def main():
    torch.manual_seed(0)
    net = Segmenter()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    averages = Averages()
    for epoch in range(2):
        for _ in range(4):
            x, mask = crops(6, epoch)
            loss = foreground_loss(net(x), mask)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            averages.update_mean(epoch, loss.item())
    print({epoch: round(mean, 4) for epoch, (_, mean) in averages.items()})


if __name__ == "__main__":
    main()
