import torch
import torch.nn as nn
import torch.nn.functional as F

from callbacks import Events, GradientNorms, History

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 20), nn.ReLU(), nn.Linear(20, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
history, norms = History(), GradientNorms(every=1)
events = Events(model, [history, norms])
for step in range(12):
    x = torch.randn(40, 6)
    loss = F.mse_loss(model(x).squeeze(1), x.prod(1).tanh() + x[:, 0])
    loss.backward()
    events.fire("after_backward", step, loss)
    optimizer.step()
    events.fire("after_step", step, loss)
print(f"loss {history.losses[-1]:.4f}, gradient norms {norms.seen[0]:.3f} to {norms.seen[-1]:.3f}")
