import torch
from torch import nn
torch.manual_seed(0)
class AC(nn.Module):
    def __init__(s):
        super().__init__(); s.body=nn.Linear(4,16); s.pi=nn.Linear(16,2); s.v=nn.Linear(16,1)
    def forward(s,x):
        h=torch.tanh(s.body(x)); return torch.distributions.Categorical(logits=s.pi(h)), s.v(h).squeeze(-1)
net=AC(); opt=torch.optim.Adam(net.parameters(),1e-3)
def rollout(n=32):
    obs=torch.randn(n,4)
    with torch.no_grad():
        dist,value=net(obs)
        act=dist.sample(); logp=dist.log_prob(act)
    ret=torch.randn(n)
    return obs,act,logp,value,ret
for it in range(3):
    obs,act,old_logp,old_value,ret=rollout()
    adv=ret-old_value
    for epoch in range(2):
        dist,value=net(obs)
        ratio=(dist.log_prob(act)-old_logp).exp()
        pg=-(torch.min(ratio*adv,ratio.clamp(.8,1.2)*adv)).mean()
        vloss=(old_value-ret).square().mean()  # <- no_grad
        loss=pg+0.5*vloss
        opt.zero_grad(); loss.backward(); opt.step()
    print(it,loss.item())
