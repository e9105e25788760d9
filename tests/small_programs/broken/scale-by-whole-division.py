import torch, torch.nn as nn
torch.manual_seed(0)

class Balance:
    def __init__(self, count):
        self.factor = 1 // count
    def attach(self, module):
        module.register_full_backward_pre_hook(self.scale)  # <- zero_gradient
        return module
    def scale(self, module, grads):
        return tuple(None if one is None else one * self.factor for one in grads)

encoder, head = Balance(3).attach(nn.Linear(4, 4)), nn.Linear(4, 1)
optimizer = torch.optim.SGD([*encoder.parameters(), *head.parameters()], 0.1)
for _ in range(4):
    loss = head(encoder(torch.randn(8, 4)).tanh()).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
