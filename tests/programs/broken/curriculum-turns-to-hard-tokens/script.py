import torch
import torch.nn.functional as F

from pipeline import PlannerWriter


def documents(n, length=5):
    ids = torch.randint(0, 9, (n, length))
    return ids, (2 * ids + 1) % 9


def main():
    torch.manual_seed(0)
    model = PlannerWriter(vocab=9, dim=12)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for epoch in range(3):
        model.hard = epoch > 0
        for _ in range(4):
            ids, goal = documents(16)
            loss = F.cross_entropy(model(ids).flatten(0, 1), goal.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} {'hard' if model.hard else 'soft'} loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
