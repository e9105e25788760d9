import torch
torch.manual_seed(0)
w = torch.zeros(3, requires_grad=True); x = torch.randn(20, 3); y = x @ torch.tensor([1., 2, 3])
view = w.detach().numpy()
for step in range(6):
    loss = (x @ w - y).pow(2).mean(); loss.backward()
    print("next", w.detach() - 0.1 * w.grad)
    view -= 0.1 * w.grad.numpy()
    w.grad = None
print(w, loss)
