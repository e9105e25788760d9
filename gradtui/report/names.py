"""Much in few words: names of parameters grouped by module, and how often something was seen."""

from __future__ import annotations

from collections.abc import Sequence

from gradtui.model.findings import Finding
from gradtui.model.owners import EVERY_STEP

MANY_GROUPS = 6
MANY_MEMBERS = 4


def grouped(names: Sequence[str]) -> list[str]:
    """Short names of groups, in the order in which their first members stand.

    `fc1.weight`, `fc1.bias` become `fc1 (weight, bias)`; where there are too many modules,
    those around them stand for them: `encoder (96 parameters)`.
    """
    depth = max((name.count(".") for name in names), default=0)
    groups = _groups(names, depth)
    while len(groups) > MANY_GROUPS and depth > 1:
        depth -= 1
        groups = _groups(names, depth)
    words = [_group(module, members) for module, members in groups.items()]
    left_out = words[MANY_GROUPS:]
    return words[:MANY_GROUPS] + ([f"and {len(left_out)} more"] if left_out else [])


def _groups(names: Sequence[str], depth: int) -> dict[str, list[str]]:
    """Names by the first `depth` parts of their module's path; what is left of each as members."""
    groups: dict[str, list[str]] = {}
    for name in names:
        *module, member = name.split(".")
        kept, inner = module[:depth], module[depth:]
        groups.setdefault(".".join(kept) or name, []).append(".".join([*inner, member]) if kept else "")
    return groups


def _group(module: str, members: list[str]) -> str:
    if len(members) == 1:
        return f"{module}.{members[0]}" if members[0] else module
    if len(members) > MANY_MEMBERS or any("." in member for member in members):
        return f"{module} ({len(members)} parameters)"
    return f"{module} ({', '.join(members)})"


def seen(finding: Finding, *, stepped: bool) -> str:
    """At how many steps a finding was seen, and since when; backwards are counted where nothing `stepped`.

    Steps that are told one by one are counted, and after so many there are mostly more that are like them.
    """
    began = f"at backward {finding.stop}" if finding.stop else "before any backward"
    if finding.count == 1:
        return began
    first = "first " if finding.stop else ""
    more = " or more" if stepped and finding.count >= EVERY_STEP else ""
    return f"at {finding.count:,}{more} {'steps' if stepped else 'backwards'}, {first}{began}"
