"""What the signs of the screen mean, for the help; each with the colour that it has where it stands."""

from __future__ import annotations

from gradtui.tui.palette import (
    ACCENT,
    CUT,
    CUT_PARAMETER,
    DOWN,
    FLAG,
    FOLDED,
    GOOD,
    MUTED,
    NEXT,
    NODE,
    OPEN,
    PARAMETER,
    REACHED,
    SCISSORS,
    SEVERED,
    STALE,
    UP,
    WARNING,
)

Sign = tuple[str, str, str]
"""As it stands on the screen, its colour, and what it means."""

LEGEND: tuple[tuple[str, tuple[Sign, ...]], ...] = (
    (
        "Signs in the graph",
        (
            (NODE, MUTED, "a node of backward; the loss is on top"),
            (f"{OPEN} {FOLDED}18", ACCENT, "a branch or module; folded, 18 rows in it"),
            (PARAMETER, REACHED, "a parameter that gets a gradient"),
            (PARAMETER, WARNING, "one whose gradient comes in vain"),
            (CUT_PARAMETER, CUT, "one that gets none: pale where it needs none"),
            (SCISSORS, CUT, "a cut: tracking stops at this call;"),
            ("", "", "it is bold where a finding blames it"),
            (SEVERED, CUT, "beyond a cut: backward never comes here"),
            ("dead end", CUT, "the same, and no cut says why"),
            ("place", MUTED, "in the title: a row that x goes to where"),
            ("", "", "nothing is cut: it raises, or is to blame"),
            ("″", "", "the same call as the row above"),
            (UP, MUTED, "stands above: its row is further up"),
            (DOWN, MUTED, "stands below: its row is further down"),
            ("14…", MUTED, "so deep that guides are left out"),
            ("glue", "", "rows that only reshape: views, casts, …"),
        ),
    ),
    (
        "Words of a parameter, or a leaf",
        (
            ("reached", REACHED, "backward brings it a gradient;"),
            ("in vain", WARNING, "of zeros or NaN, or nobody moves it"),
            ("cut off", CUT, "it gets none, and a finding names it"),
            ("not part", MUTED, "of this loss, and nobody misses it"),
            ("frozen", MUTED, "its requires_grad is False"),
            ("raises", CUT, "backward will raise, here or elsewhere"),
            ("missed", CUT, "backward raised before it came here"),
            ("unknown", MUTED, "no backward is at hand, or read"),
        ),
    ),
    (
        "Signs while stepping",
        (
            (NEXT, ACCENT, "the node that comes next"),
            (FLAG, CUT, "a break: backward is held before it"),
            (f"✗ {STALE}", CUT, "it raised; what it saved was written,"),
            ("", "", "or already freed: backward will raise"),
            ("0.2→✗NaN", MUTED, "the norm it was handed, what it sent"),
            ("○ 0", WARNING, "a gradient that is zero everywhere"),
        ),
    ),
    (
        "In the parameters' update/weight",
        (
            ("0.001", "", "usual: its next step's norm over its own"),
            ("▲ 0.2", WARNING, "a step of over a tenth of a matrix"),
            ("✗NaN", CUT, "a step that isn't finite"),
            ("empty", MUTED, "not known, or all its weights are zero"),
        ),
    ),
    (
        "Signs elsewhere",
        (
            ("✗ ▲ ·", CUT, "a finding: error, warning, note"),
            (GOOD, REACHED, "all is well"),
            (f"14{SCISSORS}", CUT, "in the source: 14 rows, with a cut"),
            (f"3{NODE}", MUTED, "in the source: the line made 3 rows"),
            ("‖", ACCENT, "paused, or left unread"),
            ("…", MUTED, "there is more than fits"),
        ),
    ),
)
