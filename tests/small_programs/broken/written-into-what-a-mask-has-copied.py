import torch, torch.nn as nn
torch.manual_seed(0)

class Completion(nn.Module):
    def __init__(self):
        super().__init__()
        self.point, self.refine, self.decode = nn.Linear(3, 12), nn.Linear(12, 4), nn.Linear(12, 3)

    def forward(self, points, hidden):
        feats = self.point(points * ~hidden.unsqueeze(-1))
        code = feats.mean(1, keepdim=True).expand_as(feats)
        feats = feats.clone()
        feats[hidden][:, :4] = self.refine(code[hidden])  # <- other or unused_parameter
        return self.decode(feats)

model = Completion(); opt = torch.optim.AdamW(model.parameters(), lr=3e-3)
for step in range(8):
    points = torch.randn(4, 10, 3); hidden = torch.rand(4, 10) < 0.4
    loss = (model(points, hidden) - points).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
