"""Which findings are about what the program raised, and whom that alone costs nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from gradtui.model.findings import Finding
from gradtui.model.owners import Parameter
from gradtui.model.snapshot import Snapshot


def places_of(finding: Finding) -> set[tuple[str, int]]:
    """The lines that a finding names."""
    return {(finding.file, finding.line), *((one.file, one.line) for one in finding.evidence)}


def unharmed(
    snapshot: Snapshot, findings: Sequence[Finding], concerns: Callable[[Finding, Parameter], bool]
) -> frozenset[int]:
    """The tensors that loud findings are only about because of what the program raised outside of a backward:
    their gradients had come by then."""
    raised = snapshot.raised
    if raised is None or raised.in_backward:
        return frozenset()
    sites = [snapshot.trace.sites[index] for index in raised.stack]
    places = {(site.file, site.line) for site in sites if site.user}

    def about(found: Iterable[Finding]) -> set[int]:
        told = list(found)
        return {item.tensor for item in snapshot.parameters if any(concerns(one, item) for one in told)}

    loud = [finding for finding in findings if finding.loud]
    ends = [finding for finding in loud if not places.isdisjoint(places_of(finding))]
    return frozenset(about(ends) - about(one for one in loud if one not in ends))
