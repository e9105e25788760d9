import torch, torch.nn as nn
torch.manual_seed(0)

class Filter(nn.Module):
    def __init__(self, taps=8):
        super().__init__()
        self.window = torch.hann_window(taps)
        self.taps = nn.Parameter(torch.empty(1, 1, taps))
        self.gain = nn.Parameter(torch.ones(1))

    def forward(self, signal):
        self.taps.data = self.window.clone().view(1, 1, -1)  # <- values_copied
        return self.gain * torch.conv1d(signal, self.taps)

net = Filter(); opt = torch.optim.Adam(net.parameters(), lr=0.01)
signal = torch.randn(4, 1, 64); wanted = torch.conv1d(signal, torch.randn(1, 1, 8))
for step in range(8):
    loss = (net(signal) - wanted).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
