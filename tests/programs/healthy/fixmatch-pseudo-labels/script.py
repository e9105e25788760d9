import torch
import torch.nn as nn
import torch.nn.functional as F

THRESHOLD = 0.9


def weak(x):
    return x + 0.05 * torch.randn_like(x)


def strong(x):
    keep = torch.rand_like(x) > 0.2
    return (x + 0.3 * torch.randn_like(x)) * keep


class FixMatch:
    def __init__(self, model, weight=1.0):
        self.model, self.weight = model, weight

    @torch.no_grad()
    def pseudo(self, x):
        confidence, label = self.model(weak(x)).softmax(-1).max(-1)
        return label, (confidence >= THRESHOLD).float()

    def losses(self, x, y, unlabelled):
        supervised = F.cross_entropy(self.model(weak(x)), y)
        label, mask = self.pseudo(unlabelled)
        per_sample = F.cross_entropy(self.model(strong(unlabelled)), label, reduction="none")
        return supervised, (per_sample * mask).mean(), mask.mean().item()


def main():
    torch.manual_seed(0)
    centres = torch.randn(4, 8) * 1.2
    model = nn.Sequential(nn.Linear(8, 48), nn.LeakyReLU(0.1), nn.Linear(48, 4))
    learner = FixMatch(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    few_y = torch.arange(4).repeat(4)
    few_x = centres[few_y] + 0.6 * torch.randn(16, 8)
    for step in range(40):
        hidden = torch.randint(0, 4, (96,))
        unlabelled = centres[hidden] + 0.6 * torch.randn(96, 8)
        supervised, consistency, share = learner.losses(few_x, few_y, unlabelled)
        loss = supervised + learner.weight * consistency
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 8 == 0:
            right = (model(unlabelled).argmax(1) == hidden).float().mean().item()
            print(f"step {step:2d} loss {loss.item():.4f} passed {share:.2f} accuracy {right:.3f}")


main()
