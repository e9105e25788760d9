import torch
import torch.nn.functional as F


def kl(p_logits, q_logits):
    """KL(p || q), both given as logits."""
    log_p, log_q = p_logits.log_softmax(-1), q_logits.log_softmax(-1)
    return F.kl_div(log_q, log_p, log_target=True, reduction="batchmean")


class evaluating:
    """The model is in eval inside the block and as it was afterwards."""

    def __init__(self, model):
        self.model, self.was = model, model.training

    def __enter__(self):
        self.model.eval()

    def __exit__(self, *exc):
        self.model.train(self.was)


def pgd(model, x, eps=0.3, step=0.1, steps=4):
    with evaluating(model):
        clean = model(x).detach()
        adv = (x + 0.001 * torch.randn_like(x)).detach()
        for _ in range(steps):
            adv.requires_grad_()
            loss = kl(clean, model(adv))
            (grad,) = torch.autograd.grad(loss, [adv])
            adv = adv.detach() + step * grad.sign()
            adv = torch.min(torch.max(adv, x - eps), x + eps).detach()
    return adv
