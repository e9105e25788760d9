"""A loss that is no finite number: the call of the forward pass that made the first one."""

from __future__ import annotations

from collections.abc import Iterator

from gradtui.diagnosis.explanations.forward_nan import findings
from gradtui.diagnosis.run import Run
from gradtui.model.findings import Finding


def nan_in_forward(run: Run) -> Iterator[Finding]:
    yield from run.once(findings)
