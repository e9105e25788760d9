"""Programs made by hand for the screen to show, and what is found in them."""

from __future__ import annotations

from gradtui.model.columns import NONE, ints
from gradtui.model.findings import Finding, Rule
from gradtui.model.saved import Saved
from gradtui.model.snapshot import Snapshot
from tests.builders import Program

SOURCE = '''\
"""A forecaster that runs to its end, prints a loss at every epoch, and learns nothing."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Forecaster(nn.Module):
    def __init__(self, lags: int = 10, hidden: int = 5) -> None:
        super().__init__()
        self.fc1 = nn.Linear(lags, hidden)
        self.fc2 = nn.Linear(hidden, 1)

    def forward(self, history: Tensor) -> Tensor:
        hidden = torch.relu(self.fc1(history))
        return self.fc2(hidden)


def main() -> None:
    torch.manual_seed(0)
    history, future = series()
    future.requires_grad_()
    net = Forecaster()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(1, 11):
        out = net(history)
        pred = torch.from_numpy(out.detach().numpy())
        loss = F.mse_loss(pred, future)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"epoch {epoch:2}: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
'''


def silent_numpy() -> tuple[Snapshot, tuple[Finding, ...]]:
    """Two layers, cut off by a numpy round trip, and a loss that requires grad through its target."""
    run = Program(SOURCE)
    fc1 = (
        run.parameter("fc1.weight", (5, 10), at="nn.Linear(lags, hidden)"),
        run.parameter("fc1.bias", (5,), at="nn.Linear(lags, hidden)"),
    )
    fc2 = (
        run.parameter("fc2.weight", (1, 5), at="nn.Linear(hidden, 1)"),
        run.parameter("fc2.bias", (1,), at="nn.Linear(hidden, 1)"),
    )
    run.optimizer("SGD", [*fc1, *fc2], at="torch.optim.SGD(net.parameters(), lr=0.1)")
    future = run.leaf("future", (200, 1))
    hidden = run.linear("fc1", run.data((200, 10)), 5, "self.fc1(history)", fc1)
    hidden = run.op(
        "torch.relu", [hidden], (200, 5), at="torch.relu(self.fc1(history))", node="ReluBackward0"
    )
    out = run.linear("fc2", hidden, 1, "self.fc2(hidden)", fc2)
    severed = run.op("Tensor.detach", [out], (200, 1), at="out.detach()", tracked=False)
    escape = run.escape("Tensor.numpy", severed, "out.detach().numpy()")
    pred = run.op(
        "torch.from_numpy", [], (200, 1), at="torch.from_numpy(out.detach().numpy())", tracked=False
    )
    run.tie(escape, pred)
    loss = run.op("F.mse_loss", [pred, future], (), at="F.mse_loss(pred, future)", node="MseLossBackward0")
    snapshot = run.backward(loss, "loss.backward()")
    finding = run.finding(
        Rule.NUMPY_ROUNDTRIP,
        "torch.from_numpy(out.detach().numpy())",
        "`out` went through NumPy and came back as `pred` without its graph: fc1 and fc2 get no gradient.",
        affected=["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"],
        fix="Use `out` itself: `pred = out`.",
        evidence=[
            ("F.mse_loss(pred, future)", "`mse_loss` reads `pred`, which has no graph"),
            ("out.detach().numpy()", "`numpy` shares its memory with `pred`"),
            ("out.detach()", "`detach` drops the graph of `out`"),
        ],
    )
    return snapshot, (finding,)


def transformer(layers: int = 12) -> tuple[Snapshot, tuple[Finding, ...]]:
    """A pre-norm transformer that is well, with residuals, attention and a tied head."""
    run = Program("logits = model(tokens)\nloss = F.cross_entropy(logits, targets)\nloss.backward()\n")
    shape = (8, 64, 256)
    embedding = run.parameter("embedding.weight", (1000, 256))
    hidden = run.op("F.embedding", [embedding], shape, module="embedding", node="EmbeddingBackward0")
    for layer in range(layers):
        name = f"encoder.layers.{layer}"
        for part, inner in (("attn", ("q", "k", "v")), ("ffn", ("up",))):
            scale, shift = (run.parameter(f"{name}.{part}_norm.{end}", (256,)) for end in ("weight", "bias"))
            normed = run.op(
                "F.layer_norm",
                [hidden, scale, shift],
                shape,
                module=f"{name}.{part}_norm",
                node="NativeLayerNormBackward0",
            )
            branches = []
            for end in inner:
                weights = (
                    run.parameter(f"{name}.{part}.{end}.weight", (256, 256)),
                    run.parameter(f"{name}.{part}.{end}.bias", (256,)),
                )
                branches.append(run.linear(f"{name}.{part}.{end}", normed, 256, "", weights))
            mixed = run.op(
                "F.scaled_dot_product_attention" if len(inner) > 1 else "F.gelu",
                branches,
                shape,
                module=f"{name}.{part}",
                node="ScaledDotProductFlashAttentionForCpuBackward0" if len(inner) > 1 else "GeluBackward0",
            )
            weights = (
                run.parameter(f"{name}.{part}.out.weight", (256, 256)),
                run.parameter(f"{name}.{part}.out.bias", (256,)),
            )
            mixed = run.linear(f"{name}.{part}.out", mixed, 256, "", weights)
            hidden = run.op("Tensor.add", [hidden, mixed], shape, module=name, node="AddBackward0")
    logits = run.op(
        "F.linear",
        [hidden, embedding],
        (8, 64, 1000),
        at="model(tokens)",
        node="UnsafeViewBackward0",
        module="head",
    )
    loss = run.op(
        "F.cross_entropy",
        [logits],
        (),
        at="F.cross_entropy(logits, targets)",
        node=("LogSoftmaxBackward0", "NllLossBackward0"),
    )
    return run.backward(loss, "loss.backward()"), ()


def kept(snapshot: Snapshot) -> Saved:
    """Two megabytes in one layer, one in another, a kilobyte twice, and a parameter's own."""
    graph = snapshot.graph
    assert graph is not None
    trace, modules = snapshot.trace, snapshot.modules

    def of(name: str) -> list[int]:
        return [
            node
            for node in range(len(graph))
            if graph.call[node] != NONE
            and trace.module[graph.call[node]] != NONE
            and modules[trace.module[graph.call[node]]].name.startswith(name)
        ]

    one, two = of("encoder.layers.0")[0], of("encoder.layers.1")[0]
    return Saved(
        ("self", "result"),
        ((8, 64, 256), (256,)),
        ("float32",),
        node=ints([one, one, two, two, two]),
        attribute=ints([0, 1, 0, 1, 1]),
        shape=ints([0, 1, 0, 1, 1]),
        dtype=ints([0] * 5),
        storage=ints([0, 1, 2, 1, 3]),
        size=ints([1 << 20, 1 << 10, 2 << 20, 1 << 10, 1 << 12]),
        owner=ints([NONE, NONE, NONE, NONE, snapshot.parameters[0].tensor]),
        expected=ints([0] * 5),
        actual=ints([0, 0, 0, 3, 0]),
        hooked=4,
    )
