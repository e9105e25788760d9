import torch
from agent import Agent

torch.manual_seed(0)
agent = Agent(obs_dim=5, act_dim=2)
goal = torch.randn(5, 2)
for episode in range(15):
    obs = torch.randn(32, 5)
    with torch.no_grad():
        act = agent.explore(obs)
    reward = -(act - torch.tanh(obs @ goal)).pow(2).sum(1)
    critic_loss, actor_loss = agent.update(obs, act, reward)
    if episode % 5 == 0:
        print(f"episode {episode} critic {critic_loss:.4f} actor {actor_loss:.4f}")
