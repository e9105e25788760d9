import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.swa_utils import SWALR, AveragedModel, update_bn
from torch.utils.data import DataLoader, TensorDataset


def dataset(n, seed):
    rng = np.random.default_rng(seed)
    x = rng.uniform(-2, 2, size=(n, 3)).astype(np.float32)
    y = np.sin(x[:, 0]) + x[:, 1] * x[:, 2] / 2 + 0.1 * rng.normal(size=n)
    return TensorDataset(torch.from_numpy(x), torch.from_numpy(y.astype(np.float32)))


@torch.inference_mode()
def rmse(model, loader):
    model.eval()
    errors = [(model(x).squeeze(1) - y).numpy() for x, y in loader]
    model.train()
    return float(np.sqrt(np.mean(np.concatenate(errors) ** 2)))


def main():
    torch.manual_seed(0)
    train = DataLoader(dataset(256, 0), batch_size=32, shuffle=True)
    test = DataLoader(dataset(128, 1), batch_size=64)
    inp = [nn.Linear(3, 32), nn.BatchNorm1d(32), nn.Tanh()]
    model = nn.Sequential(*inp, nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
    averaged = AveragedModel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=6)
    constant = SWALR(optimizer, swa_lr=0.05, anneal_epochs=1)
    for epoch in range(6):
        for x, y in train:
            optimizer.zero_grad()
            loss = F.mse_loss(model(x).squeeze(1), y)
            loss.backward()
            optimizer.step()
        if epoch >= 3:
            averaged.update_parameters(model)
            constant.step()
        else:
            cosine.step()
        print(f"epoch {epoch} loss {loss.item():.4f} test {rmse(model, test):.4f}")
    update_bn(train, averaged)
    print(f"averaged over {averaged.n_averaged.item()} epochs: test {rmse(averaged, test):.4f}")


main()
