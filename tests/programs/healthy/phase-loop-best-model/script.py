import copy

import torch
import torch.nn as nn
from metrics import EarlyStopping, Running
from torch.utils.data import DataLoader, TensorDataset, random_split


def run(phase, model, loader, criterion, optimizer):
    model.train(phase == "train")
    loss_mean, hits = Running(), Running()
    for x, y in loader:
        optimizer.zero_grad()
        with torch.set_grad_enabled(phase == "train"):
            out = model(x)
            loss = criterion(out, y)
            preds = out.argmax(dim=1)
            if phase == "train":
                loss.backward()
                optimizer.step()
        loss_mean.add(loss, len(x))
        hits.add((preds == y).float().mean(), len(x))
    return loss_mean.mean, hits.mean


def main():
    torch.manual_seed(0)
    x = torch.randn(240, 8)
    y = (x[:, :3].sum(1) + 0.5 * torch.randn(240) > 0).long()
    train, val = random_split(TensorDataset(x, y), [180, 60])
    loaders = {"train": DataLoader(train, batch_size=30, shuffle=True), "val": DataLoader(val, batch_size=60)}
    model = nn.Sequential(nn.Linear(8, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.1), nn.Linear(64, 2))
    model[0].register_parameter("bias", None)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-2)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=0)
    stopping = EarlyStopping(patience=2)
    for epoch in range(6):
        result = {phase: run(phase, model, loaders[phase], criterion, optimizer) for phase in loaders}
        plateau.step(result["val"][0])
        print(f"epoch {epoch} " + " ".join(f"{k} {v[0]:.4f}/{v[1]:.3f}" for k, v in result.items()))
        if stopping.update(result["val"][0], copy.deepcopy(model.state_dict())):
            break
    model.load_state_dict(stopping.state)
    print("polished", run("train", model, loaders["train"], criterion, optimizer))
    print("best validation", run("val", model, loaders["val"], criterion, optimizer))


main()
