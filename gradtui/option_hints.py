"""What is said on stderr once a program has run: words of the command that went astray, or had no effect."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gradtui.diagnosis.muting import unknown
from gradtui.model.findings import Finding
from gradtui.model.snapshot import Snapshot
from gradtui.model.stops import Outcome
from gradtui.options import Options, misplaced

REFUSED = 2
"""The status with which programs end that don't understand their command line."""


def remarks(
    options: Options, outcome: Outcome, snapshots: Sequence[Snapshot], findings: Sequence[Finding]
) -> Iterator[str]:
    """Sentences about a run without a screen; `findings` are all of them, the muted ones too."""
    yield from astray(options, outcome, snapshots)
    if options.stop_at:
        yield f"--stop-at {options.stop_at} had no effect: without a screen nothing is held."
    if snapshots:
        yield from unknown(options.mute, snapshots, findings)


def astray(options: Options, outcome: Outcome, snapshots: Sequence[Snapshot]) -> Iterator[str]:
    """A sentence about options of ours that the script was handed, where it didn't understand them."""
    began = any(snapshot.stops for snapshot in snapshots)
    if outcome.status == REFUSED and not began and (sentence := misplaced(options)):
        yield sentence
