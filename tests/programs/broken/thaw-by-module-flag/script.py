import torch
import torch.nn.functional as F

from schedule import Stages, build

CONFIG = {"warmup": 1, "epochs": 4, "lr": 5e-3, "width": 16}


def main():
    torch.manual_seed(0)
    model = build(CONFIG["width"])
    stages = Stages(model, CONFIG["warmup"])
    optimizer = torch.optim.Adam(model.parameters(), lr=CONFIG["lr"])
    rule = torch.randn(10, 3)
    for epoch in range(CONFIG["epochs"]):
        stages.enter(epoch)
        for _ in range(4):
            x = torch.randn(32, 10)
            loss = F.cross_entropy(model(x), (x @ rule).argmax(1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} ({stages.name}) loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
