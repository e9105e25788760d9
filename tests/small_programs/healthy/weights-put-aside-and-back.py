import torch

torch.manual_seed(0)
old = torch.nn.Linear(4, 2).state_dict()
net = torch.nn.Linear(4, 2)
state = net.state_dict()
torch.nn.init.zeros_(net.bias)
state.update({"weight": old["weight"]})  # the rest is loaded onto itself
net.load_state_dict(state)
shadow = [p.detach().clone() for p in net.parameters()]
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    loss = (net(torch.randn(8, 4)) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    backup = [p.data for p in net.parameters()]
    for slow, p in zip(shadow, net.parameters()):
        slow.lerp_(p.detach(), 0.1)
        p.data = slow
    with torch.no_grad():
        print(net(torch.ones(8, 4)).mean().item())
    for kept, p in zip(backup, net.parameters()):
        p.data = kept
    net.load_state_dict(net.state_dict())
    before = [p.detach() for p in net.parameters()]
    for kept, p in zip(before, net.parameters()):
        kept.clamp_(-3, 3)
        p.data.copy_(kept)
