import torch


def validate(net, batches):
    net.eval()
    torch.set_grad_enabled(False)
    right = total = 0
    for x, y in batches:
        right += (net(x).argmax(1) == y).sum().item()
        total += len(y)
    torch.set_grad_enabled(True)
    net.train()
    return right / total
