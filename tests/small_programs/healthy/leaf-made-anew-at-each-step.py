import torch
torch.manual_seed(0)

def train():
    params = {"w": torch.randn(3, 1, requires_grad=True), "b": torch.zeros(1, requires_grad=True)}
    for _ in range(4):
        loss = (torch.randn(8, 3) @ params["w"] + params["b"]).square().mean()
        loss.backward()
        with torch.no_grad():
            for name, p in params.items():
                params[name] = (p - 0.1 * p.grad).requires_grad_()

train()
