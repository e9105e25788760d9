"""What the user doesn't want to hear of: findings by their rule, or by the names of what they are about."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from gradtui.model.findings import Finding, Rule
from gradtui.model.snapshot import Snapshot


def muted(finding: Finding, mute: Collection[str]) -> bool:
    """Muted by its rule, or because all that it is about is muted by name, or by the module around it."""
    if finding.rule in mute:
        return True
    return bool(finding.affected) and all(_named(name, mute) for name in finding.affected)


def unknown(mute: Iterable[str], snapshots: Iterable[Snapshot], findings: Iterable[Finding]) -> Iterator[str]:
    """A sentence about each name that is neither a rule's nor that of anything that was seen."""
    names = {name for one in snapshots for item in one.parameters for name in item.names}
    names |= {name for finding in findings for name in finding.affected}
    for word in mute:
        if word in set(Rule) or any(_named(name, (word,)) for name in names):
            continue
        near = get_close_matches(word, [*Rule, *sorted(names)], 1)
        hint = f"; did you mean {near[0]}?" if near else "."
        yield f"--mute {word}: no rule and no parameter that was seen has this name{hint}"


def _named(name: str, mute: Collection[str]) -> bool:
    return any(name == one or name.startswith(f"{one}.") for one in mute)
