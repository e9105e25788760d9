"""How it is shown what a backward does for a tensor: by a sign, a colour and a word."""

from __future__ import annotations

from gradtui.diagnosis.grad_status import GradStatus
from gradtui.model.findings import Severity
from gradtui.tui.palette import CUT, CUT_PARAMETER, GOOD, MUTED, PARAMETER, REACHED, SIGNS, WARNING

STYLES = {
    GradStatus.REACHED: REACHED,
    GradStatus.IN_VAIN: WARNING,
    GradStatus.NOT_IN_LOSS: MUTED,
    GradStatus.FROZEN: MUTED,
    GradStatus.UNKNOWN: MUTED,
}
VERDICTS = {
    GradStatus.REACHED: GOOD,
    GradStatus.IN_VAIN: SIGNS[Severity.WARNING],
    GradStatus.WILL_RAISE: "?",
    GradStatus.RAISED_BEFORE: "✗",
    GradStatus.CUT: "✗",
}


def sign_of(status: GradStatus) -> str:
    """Of a parameter that it befalls."""
    return PARAMETER if status in (GradStatus.REACHED, GradStatus.IN_VAIN) else CUT_PARAMETER


def style_of(status: GradStatus) -> str:
    return STYLES.get(status, CUT)


def verdict_of(status: GradStatus) -> str:
    """The word with a sign of how bad that is, where words stand alone."""
    return f"{VERDICTS[status]} {status.value}" if status in VERDICTS else status.value
