"""What is frozen though no line freezes it: embeddings of `from_pretrained`, and copies of what is frozen."""

from __future__ import annotations

from collections.abc import Collection

from gradtui.diagnosis.quoting import short
from gradtui.diagnosis.run import Run
from gradtui.diagnosis.source_text import SourceText
from gradtui.model.owners import Optimizer
from gradtui.model.source import Site

FACTORY, COPY = "from_pretrained", "deepcopy"


def by_default(words: SourceText, made: Site) -> tuple[str, str]:
    """Why what a line makes is frozen, a clause, and how it isn't; empty where it says nothing of that."""
    name = words.call_name(made)
    if name == FACTORY and len(words.arguments(made)) == 1 and "freeze" not in words.keywords(made):
        return f"`{name}` freezes what it makes unless it is told otherwise", "Pass `freeze=False` here"
    if name == COPY:
        text = short(words.expression(made))
        return f"`{text}` is as frozen as what it copies", "Call `.requires_grad_(True)` on the copy"
    return "", ""


def own_group(run: Run, tensors: Collection[int]) -> Optimizer | None:
    """The optimizer that was built with a group of these alone, beside one that learns: nobody names what is
    to be left alone, and gives it a group and a rate."""
    for optimizer in run.owners.optimizers:
        groups = [group for group in optimizer.groups if group.tensors]
        mine = [group for group in groups if not group.idle and {*group.tensors} <= {*tensors}]
        if mine and any(not run.history.learning.isdisjoint(group.tensors) for group in groups):
            return optimizer
    return None
