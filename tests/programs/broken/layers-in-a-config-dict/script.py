import torch
import torch.nn.functional as F

from translator import Translator

torch.manual_seed(0)
model = Translator(languages=("de", "fr", "it"), vocab=14, dim=12)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
shift = {"de": 1, "fr": 5, "it": 9}
for step in range(15):
    language = ("de", "fr", "it")[step % 3]
    ids = torch.randint(0, 14, (64,))
    loss = F.cross_entropy(model(ids, language), (ids + shift[language]) % 14)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"{language} {loss.item():.4f}")
