import torch
torch.manual_seed(0)

def train():
    params = {"w": torch.randn(3, 2), "table": torch.randn(5, 3)}
    for p in params.values():
        p.requires_grad_()
    for _ in range(4):
        loss = (params["table"][torch.tensor([0, 2])] @ params["w"]).square().mean()
        loss.backward()
        with torch.no_grad():
            for name, p in params.items():
                if p.grad is None:
                    continue
                if name == "table":
                    params[name] = torch.nn.functional.normalize(p - 0.1 * p.grad, dim=-1)  # <- rebuilt_leaf
                else:
                    p.sub_(0.1 * p.grad)
                    p.grad = None

train()
