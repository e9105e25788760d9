# A student is built on the trunk of a teacher that is frozen already: they share what stays as it is.
import torch
from torch import nn
torch.manual_seed(0)
class Net(nn.Module):
    def __init__(s, backbone, head):
        super().__init__(); s.backbone, s.head = backbone, head
    def forward(s, x): return s.head(s.backbone(x))
teacher = Net(nn.Sequential(nn.Linear(4, 8), nn.ReLU()), nn.Linear(8, 3))
for p in teacher.parameters(): p.requires_grad_(False)
student = Net(teacher.backbone, nn.Linear(8, 3))
opt = torch.optim.Adam(student.parameters(), lr=1e-2)
for _ in range(5):
    x = torch.randn(8, 4)
    loss = nn.functional.kl_div(student(x).log_softmax(1), teacher(x).softmax(1), reduction="batchmean")
    opt.zero_grad(); loss.backward(); opt.step()
print(all(p.grad is not None for p in student.head.parameters()))
