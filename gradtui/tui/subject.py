"""What a value is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from gradtui.model.columns import NONE


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing of a row that can be looked at."""

    title: str
    tensor: int = NONE
    node: int = NONE
    slot: int = 0
    grad: bool = False
    figures: tuple[Text, ...] = ()
    """What was seen of its gradients while backward passed: shown where it is gone."""
