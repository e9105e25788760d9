import torch


def task_gradients(losses, parameters):
    """One list per task; None where a parameter takes no part in it."""
    last = len(losses) - 1
    return [
        torch.autograd.grad(loss, parameters, retain_graph=i < last, allow_unused=True)
        for i, loss in enumerate(losses)
    ]


def project(gradients, shared):
    """Takes out of each task's gradient what points against another task's, over the shared parameters."""
    flat = [torch.cat([g[i].flatten() for i in shared]) for g in gradients]
    out = []
    for a, vector in enumerate(flat):
        vector = vector.clone()
        for b, other in enumerate(flat):
            dot = vector @ other
            if a != b and dot < 0:
                vector -= dot / other.dot(other) * other
        out.append(vector)
    return torch.stack(out).sum(0)


def assign(parameters, shared, gradients, merged):
    sizes = [parameters[i].numel() for i in shared]
    pieces = dict(zip(shared, merged.split(sizes)))
    for i, p in enumerate(parameters):
        if i in pieces:
            p.grad = pieces[i].view_as(p)
        else:
            p.grad = next(g[i] for g in gradients if g[i] is not None)
