import torch
torch.manual_seed(0)

weight = torch.randn(5, 1, requires_grad=True); bias = torch.zeros(1, requires_grad=True)
x = torch.randn(30, 5); y = x @ torch.ones(5, 1) + 2
for step in range(8):
    loss = (x @ weight + bias - y).pow(2).mean()
    loss.backward()
    with torch.no_grad():
        for tensor in (weight, bias):
            tensor.sub(0.1 * tensor.grad)  # <- other or rebuilt_leaf
            tensor.grad.zero_()
