import torch
import torch.nn as nn
import torch.nn.functional as F

TEMPERATURE, ALPHA = 3.0, 0.7


def mlp(hidden, depth):
    dims = [5] + [hidden] * depth
    layers = [m for a, b in zip(dims, dims[1:]) for m in (nn.Linear(a, b), nn.ReLU())]
    return nn.Sequential(*layers, nn.Linear(hidden, 4))


def batches(n, size=96):
    for _ in range(n):
        x = torch.randn(size, 5)
        yield x, ((x[:, 0] > 0).long() * 2 + (x[:, 1] * x[:, 2] > 0).long())


def fit_teacher(model):
    opt = torch.optim.Adam(model.parameters(), lr=1e-2)
    for x, y in batches(30):
        loss = F.cross_entropy(model(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    return opt, loss.item()


def freeze(model):
    model.eval()
    for p in model.parameters():
        p.requires_grad_(False)
    return model


def distill_loss(student_logits, teacher_logits, y):
    soft = F.kl_div(
        F.log_softmax(student_logits / TEMPERATURE, -1),
        F.log_softmax(teacher_logits / TEMPERATURE, -1),
        reduction="batchmean",
        log_target=True,
    )
    return ALPHA * TEMPERATURE**2 * soft + (1 - ALPHA) * F.cross_entropy(student_logits, y)


def main():
    torch.manual_seed(0)
    teacher, student = mlp(64, 2), mlp(12, 1)
    opt_teacher, last = fit_teacher(teacher)
    print("teacher loss", round(last, 4))
    freeze(teacher)
    opt = torch.optim.SGD(student.parameters(), lr=0.1, momentum=0.9)
    for x, y in batches(40):
        with torch.no_grad():
            goal = teacher(x)
        loss = distill_loss(student(x), goal, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    agree = (student(x).argmax(1) == goal.argmax(1)).float().mean().item()
    print(f"distilled loss {loss.item():.4f} agreement {agree:.3f}, {len(opt_teacher.state)} states kept")


main()
