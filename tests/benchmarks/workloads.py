"""What is measured: real models, and the loops of tiny operations at which a recorder costs most.

Each is a forward pass that gives a loss. They are made anew where that is cheap, so that no round finds
what another one left behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

Forward = Callable[[], Tensor]


@dataclass(frozen=True)
class Workload:
    name: str
    make: Callable[[], Forward]
    most: float
    """The recorded forward pass may take so many times as long as the plain one."""
    rounds: int = 9


Model = tuple[nn.Module, Tensor]
"""A model and its input: what tools ask for that take a model apart."""
Trainee = tuple[list[nn.Parameter], Forward]
"""What an optimizer is to hold, and the forward pass that gives the loss."""


def untrained(make: Callable[[], Trainee]) -> Callable[[], Forward]:
    """The forward pass alone."""
    return lambda: make()[1]


def trainee(make: Callable[[], Model], passes: int = 1) -> Callable[[], Trainee]:
    """A model, and a loss that is summed up over so many passes."""

    def made() -> Trainee:
        model, x = make()

        def forward() -> Tensor:
            losses = [model(x).square().mean() for _ in range(passes)]
            return torch.stack(losses).sum() if passes > 1 else losses[0]

        return list(model.parameters()), forward

    return made


def mlp_model() -> Model:
    model = nn.Sequential(nn.Linear(64, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    return model, torch.randn(256, 64)


def mlp() -> Forward:
    model, x = mlp_model()
    return lambda: sum((model(x).square().mean() for _ in range(20)), torch.zeros(()))


def small_training() -> Forward:
    """A forward pass that first does the optimizer's step of the one before."""
    model, x = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 1)), torch.randn(8, 8)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)

    def forward() -> Tensor:
        optimizer.step()
        optimizer.zero_grad()
        loss: Tensor = model(x).square().mean()
        return loss

    return forward


def transformer_model() -> Model:
    layer = nn.TransformerEncoderLayer(768, 12, 3072, batch_first=True, dropout=0.0)
    return nn.TransformerEncoder(layer, 12, enable_nested_tensor=False), torch.randn(4, 64, 768)


def transformer() -> Forward:
    model, x = transformer_model()

    def forward() -> Tensor:
        out: Tensor = model(x)
        return out.square().mean()

    return forward


class Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = (nn.Conv2d(width, width, 3, padding=1, bias=False) for _ in range(2))
        self.norms = nn.ModuleList(nn.BatchNorm2d(width) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        inner = self.norms[0](self.first(x)).relu()
        out: Tensor = (x + self.norms[1](self.second(inner))).relu()
        return out


def convnet_model() -> Model:
    model = nn.Sequential(nn.Conv2d(3, 32, 3, padding=1), *(Residual(32) for _ in range(24)), nn.Flatten())
    return model, torch.randn(8, 3, 48, 48)


def convnet() -> Forward:
    model, x = convnet_model()
    return lambda: model(x).square().mean()


class Bottleneck(nn.Module):
    """As torchvision writes it: one ReLU for all places, in place, and a sum written into its first term."""

    def __init__(self, width: int) -> None:
        super().__init__()
        sizes = [(width, width // 4, 1), (width // 4, width // 4, 3), (width // 4, width, 1)]
        self.convolutions = nn.ModuleList(nn.Conv2d(a, b, k, padding=k // 2, bias=False) for a, b, k in sizes)
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for _, b, _ in sizes)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> Tensor:
        out = x
        for place, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True)):
            out = norm(convolution(out))
            if place < 2:
                out = self.relu(out)
        out += x
        done: Tensor = self.relu(out)
        return done


def in_place() -> Forward:
    model = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), *(Bottleneck(64) for _ in range(16)))
    x = torch.randn(8, 3, 48, 48)
    return lambda: model(x).square().mean()


def lstm_cell() -> Trainee:
    cell, x = nn.LSTMCell(64, 64), torch.randn(8, 64)

    def forward() -> Tensor:
        h = c = torch.zeros(8, 64)
        for _ in range(2_000):
            h, c = cell(x, (h, c))
        return h.sum()

    return list(cell.parameters()), forward


def one_number(count: int) -> Callable[[], Trainee]:
    """So many additions to it."""

    def make() -> Trainee:
        x = nn.Parameter(torch.ones(1))

        def forward() -> Tensor:
            y: Tensor = x
            for _ in range(count):
                y = y + 1
            return y

        return [x], forward

    return make


def adds(count: int) -> Callable[[], Forward]:
    return untrained(one_number(count))


class Block(nn.Module):
    """About a hundred nodes: a chain that is joined by what it was ten calls before, and perhaps a cut."""

    def __init__(self, *, cut: bool) -> None:
        super().__init__()
        self.weight, self.shift = (nn.Parameter(torch.ones(1)) for _ in range(2))
        self.cut = cut

    def forward(self, x: Tensor) -> Tensor:
        x = kept = x * self.weight
        for step in range(90):
            x = x + 1
            if step % 10 == 9:
                x = kept = x.lerp(kept, 0.5)
        shift = self.shift * 2
        return x + (shift.detach() if self.cut else shift)


def blocks(count: int) -> Callable[[], Forward]:
    """So many nodes in modules, with references and, in every third module, a cut."""

    def make() -> Forward:
        model = nn.Sequential(*(Block(cut=number % 3 == 0) for number in range(count // 100)))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

        def forward() -> Tensor:
            optimizer.zero_grad()
            out: Tensor = model(torch.ones(1))
            return out.sum()

        return forward

    return make


def many_parameters(size: int) -> Callable[[], Trainee]:
    """So many that what is done for each of them is all that is seen; the larger they are, the less it is."""

    def make() -> Trainee:
        parameters = list(nn.ParameterList(torch.randn(size) for _ in range(20_000)))
        return parameters, lambda: torch.stack(parameters).sum()

    return make


def bert() -> Trainee:
    from transformers import BertConfig, BertForMaskedLM  # type: ignore[import-not-found,unused-ignore]

    config = BertConfig(
        hidden_size=128, num_hidden_layers=2, num_attention_heads=2, intermediate_size=512, vocab_size=1000
    )
    return _language_model(BertForMaskedLM(config), (8, 128))


def gpt2() -> Trainee:
    from transformers import GPT2Config, GPT2LMHeadModel

    return _language_model(
        GPT2LMHeadModel(GPT2Config(n_embd=384, n_layer=6, n_head=6, vocab_size=1000)), (4, 128)
    )


def _language_model(model: Any, shape: tuple[int, int]) -> Trainee:
    tokens = torch.randint(0, 1000, shape)
    return list(model.parameters()), lambda: model(input_ids=tokens, labels=tokens).loss


WORKLOADS = (
    Workload("MLP, 20 passes", mlp, 1.5),
    Workload("transformer, 12 layers of 768", transformer, 1.03),
    Workload("Hugging Face BERT, tiny", untrained(bert), 1.15),
    Workload("Hugging Face GPT-2, 6 layers of 384", untrained(gpt2), 1.05),
    Workload("convnet, 50 layers", convnet, 1.08),
    Workload("16 bottlenecks, in place", in_place, 1.08),
    Workload("LSTMCell, 2,000 steps", untrained(lstm_cell), 2.0),
    Workload("100,000 tiny adds", adds(100_000), 2.8),
    Workload("20,000 parameters of 8 summed", untrained(many_parameters(8)), 1.3),
    Workload("20,000 parameters of 512 summed", untrained(many_parameters(512)), 1.3),
)
