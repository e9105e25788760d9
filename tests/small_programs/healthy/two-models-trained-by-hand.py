import torch
torch.manual_seed(0)

def descend(params):
    with torch.no_grad():
        for p in params:
            p -= 0.1 * p.grad
            p.grad = None

def train():
    made, judged = torch.randn(2, 3, requires_grad=True), torch.randn(3, 1, requires_grad=True)
    for _ in range(4):
        fake = torch.randn(8, 2) @ made
        (fake @ judged).square().mean().backward()
        descend([made, judged])
        fake = (torch.randn(8, 2) @ made).detach()
        (fake @ judged - torch.randn(8, 3) @ judged).square().mean().backward()
        descend([judged])

train()
