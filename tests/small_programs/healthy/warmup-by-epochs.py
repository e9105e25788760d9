import torch

torch.manual_seed(0)
first, second = torch.nn.Linear(4, 1), torch.nn.Linear(4, 1)
by_hand = torch.optim.SGD(first.parameters(), lr=0)
scheduled = torch.optim.SGD(second.parameters(), lr=0.1)
schedule = torch.optim.lr_scheduler.LambdaLR(scheduled, lambda epoch: epoch / 5)
for epoch in range(2):
    for _ in range(6):
        x = torch.randn(8, 4)
        loss = (first(x) - 1).square().mean() + (second(x) - 1).square().mean()
        by_hand.zero_grad()
        scheduled.zero_grad()
        loss.backward()
        by_hand.step()
        scheduled.step()
    for group in by_hand.param_groups:
        group["lr"] = 0.1
    schedule.step()
