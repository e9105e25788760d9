"""Embeddings that `from_pretrained` has frozen, as it does unless it is told `freeze=False`."""

from __future__ import annotations

from collections.abc import Collection

from gradtui.diagnosis.run import Run
from gradtui.diagnosis.source_text import SourceText
from gradtui.model.owners import Optimizer
from gradtui.model.source import Site

FACTORY = "from_pretrained"


def is_by_default(words: SourceText, site: Site) -> bool:
    """Whether a line makes an embedding of given vectors and doesn't say whether these are to learn."""
    return (
        words.call_name(site) == FACTORY
        and len(words.arguments(site)) == 1
        and "freeze" not in words.keywords(site)
    )


def own_group(run: Run, tensors: Collection[int]) -> Optimizer | None:
    """The optimizer that was built with a group of these alone, beside one that learns: nobody names what is
    to be left alone, and gives it a group."""
    for optimizer in run.owners.optimizers:
        groups = [{*group.tensors} for group in optimizer.groups if group.tensors]
        mine = [group for group in groups if group <= {*tensors}]
        if mine and any(not run.history.learning.isdisjoint(group) for group in groups):
            return optimizer
    return None
