"""What colours and marks mean, everywhere on the screen.

Only the terminal's own sixteen colours on its own background: what its user chose is readable to them,
light or dark. Every colour stands beside a mark or a word that says the same.
"""

from __future__ import annotations

from gradtui.model.findings import Severity

CUT = "red"
REACHED = "green"
WARNING = "yellow"
NOTE = "cyan"
MUTED = "bright_black"
ACCENT = "cyan"
HERE = "bright_white on blue"
"""The row under the cursor of the pane that has the focus."""
HERE_COLOURLESS = "reverse"
"""The same where no colours are wanted."""
LIT = "bold black on yellow"
LIT_COLOURLESS = "bold reverse underline"
"""The expression that the source pane is about."""

SIGNS = {Severity.ERROR: "✗", Severity.WARNING: "▲", Severity.NOTE: "·"}
STYLES = {Severity.ERROR: CUT, Severity.WARNING: WARNING, Severity.NOTE: NOTE}
"""Beside the signs that the text report uses too."""

SCISSORS = "✂"
SEVERED = "┊"
FOLDED, OPEN = "▸", "▾"
NODE, PARAMETER, CUT_PARAMETER = "•", "◆", "◇"
UP, DOWN = "↑", "↓"
GOOD = "✓"
STALE = "≠"
"""What a node has saved was written since."""
NEXT = "▶"
"""The node that backward comes to next."""
FLAG = "●"
"""A break."""
CURSOR = "▌"
