import torch
import torch.nn.functional as F

from init import initialise
from tagger import BiTagger

torch.manual_seed(0)
model = BiTagger(vocab=25, dim=8, tags=4)
initialise(model, forget_bias=1.0)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(6):
    ids = torch.randint(0, 25, (8, 5))
    loss = F.cross_entropy(model(ids).flatten(0, 1), (ids % 4).flatten())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"{step} {loss.item():.4f}")
