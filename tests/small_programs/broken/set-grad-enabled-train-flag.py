import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Trainer:
    def __init__(self):
        self.net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
        self.opt = torch.optim.SGD(self.net.parameters(), 0.1)
    def run(self, train):
        torch.set_grad_enabled(train)  # <- grad_mode_off or no_grad
        x = torch.randn(8, 4)
        loss = F.mse_loss(self.net(x), x[:, :1])
        if train:
            self.opt.zero_grad(); loss.backward(); self.opt.step()
        return loss.detach()
    def finetune(self):
        x = torch.randn(8, 4)
        loss = F.mse_loss(self.net(x), x[:, :1])
        self.opt.zero_grad()
        loss.backward()
        self.opt.step()
t = Trainer()
t.run(True); t.run(False)
t.finetune()
