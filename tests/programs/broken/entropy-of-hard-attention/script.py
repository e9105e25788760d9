import torch
import torch.nn as nn

torch.manual_seed(0)


class Policy(nn.Module):
    def __init__(self, obs=6, actions=5):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(obs, 24), nn.Tanh(), nn.Linear(24, actions))

    def forward(self, obs, allowed):
        logits = self.net(obs).masked_fill(~allowed, float("-inf"))
        return logits.softmax(-1)


def entropy(p):
    return -(p * p.log()).nansum(-1)


def reinforce(policy, optimizer, env, bonus=0.01):
    obs, allowed = env()
    p = policy(obs, allowed)
    action = torch.multinomial(p, 1)
    reward = (action.squeeze(1) == obs[:, :5].masked_fill(~allowed, -9).argmax(1)).float()
    log_p = p.gather(1, action).squeeze(1).log()
    loss = -((reward - reward.mean()) * log_p).mean() - bonus * entropy(p).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return reward.mean().item()


def env(n=32):
    allowed = torch.rand(n, 5) > 0.3
    allowed[:, 0] = True
    return torch.randn(n, 6), allowed


policy = Policy()
optimizer = torch.optim.SGD(policy.parameters(), lr=0.1)
print(f"reward {reinforce(policy, optimizer, env):.3f}")
