import torch
import torch.nn.functional as F


class Task:
    def __init__(self, name, target, loss):
        self.name, self.target, self.loss = name, target, loss

    def batch(self, n=48):
        x = torch.randn(n, 6)
        return x, self.target(x)


TASKS = {
    "sign": Task("sign", lambda x: (x.sum(1) > 0).long(), F.cross_entropy),
    "norm": Task("norm", lambda x: x.norm(dim=1, keepdim=True), F.smooth_l1_loss),
    "peak": Task("peak", lambda x: x.argmax(1), F.cross_entropy),
}
WIDTH = {"sign": 2, "norm": 1, "peak": 6}


def schedule(steps):
    """Round robin over the first two; the third joins in the second half."""
    for step in range(steps):
        names = ["sign", "norm"] if step < steps // 2 else ["sign", "norm", "peak"]
        yield names[step % len(names)]
