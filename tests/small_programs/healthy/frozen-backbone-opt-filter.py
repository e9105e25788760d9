import io
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

back = nn.Sequential(nn.Linear(4, 8), nn.ReLU()); head = nn.Linear(8, 2)
back.requires_grad_(False); back.eval()
m = nn.Sequential(back, head)
opt = torch.optim.Adam(filter(lambda p: p.requires_grad, m.parameters()))
sched = torch.optim.lr_scheduler.CosineAnnealingLR(opt, 10)
for i in range(4):
    x = torch.randn(8, 4)
    loss = F.cross_entropy(m(x), torch.randint(0, 2, (8,)))
    opt.zero_grad(); loss.backward(); opt.step(); sched.step()
buffer = io.BytesIO()
torch.save(m.state_dict(), buffer)
buffer.seek(0)
m.load_state_dict(torch.load(buffer))
