"""From the snapshots of a run to its findings: every rule in turn, the same finding once, the likeliest
first."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from gradtui.diagnosis.muting import muted
from gradtui.diagnosis.rules.as_number import used_as_number
from gradtui.diagnosis.rules.broadcast_target import broadcast_target
from gradtui.diagnosis.rules.broadcast_weight import broadcast_weight
from gradtui.diagnosis.rules.cancelled import cancelled
from gradtui.diagnosis.rules.clipped_to_zero import clipped_to_zero
from gradtui.diagnosis.rules.compared_with_itself import compared_with_itself
from gradtui.diagnosis.rules.constant_weights import constant_weights
from gradtui.diagnosis.rules.cut_off import cut_off
from gradtui.diagnosis.rules.dead_terms import dead_terms, plain_numbers
from gradtui.diagnosis.rules.discarded_result import discarded_result
from gradtui.diagnosis.rules.double_backward import freed_graph_ahead
from gradtui.diagnosis.rules.empty_optimizer import steps_without_parameters
from gradtui.diagnosis.rules.eval_mode import left_in_eval_mode
from gradtui.diagnosis.rules.exceptions import exception
from gradtui.diagnosis.rules.exceptions.untracked_loss import untracked_ahead
from gradtui.diagnosis.rules.flags_in_vain import compares_a_flag, freezes_nothing
from gradtui.diagnosis.rules.flat_inputs import flat_inputs
from gradtui.diagnosis.rules.fresh_leaf_loss import fresh_leaf_loss
from gradtui.diagnosis.rules.frozen import frozen
from gradtui.diagnosis.rules.grad_cleared import (
    cleared_before_step,
    grad_never_used,
    left_out_of_inputs,
)
from gradtui.diagnosis.rules.gradient_as_term import gradient_as_term
from gradtui.diagnosis.rules.graph_not_created import second_derivative_without_graph
from gradtui.diagnosis.rules.held_backward import proved_by_held_backward, sure_zeros_ahead
from gradtui.diagnosis.rules.hidden_leaf import hidden_leaf
from gradtui.diagnosis.rules.idle import idle, never_steps, set_back
from gradtui.diagnosis.rules.inplace_version import stale_saves
from gradtui.diagnosis.rules.intended_cuts import intended_cuts
from gradtui.diagnosis.rules.last_round_alone import last_round_alone
from gradtui.diagnosis.rules.leaf_replaced import leaf_replaced
from gradtui.diagnosis.rules.leaf_terms import leaf_terms
from gradtui.diagnosis.rules.lost_update import lost_update
from gradtui.diagnosis.rules.named_alike import frozen_after_all, frozen_along
from gradtui.diagnosis.rules.nan_in_forward import nan_in_forward
from gradtui.diagnosis.rules.never_called import backward_of_a_module
from gradtui.diagnosis.rules.never_cleared import never_cleared
from gradtui.diagnosis.rules.never_parameters import never_parameters
from gradtui.diagnosis.rules.optimizer_mismatch import (
    emptied,
    forgotten,
    of_another,
    replaced,
    used_up,
)
from gradtui.diagnosis.rules.overwritten import overwritten
from gradtui.diagnosis.rules.parameter_per_step import parameter_per_step
from gradtui.diagnosis.rules.parameters_swapped import parameters_swapped
from gradtui.diagnosis.rules.put_back import put_back
from gradtui.diagnosis.rules.rate_run_out import rate_run_out
from gradtui.diagnosis.rules.residual_without_graph import residual_without_graph
from gradtui.diagnosis.rules.restored import copied_onto_itself
from gradtui.diagnosis.rules.rounding import cancelled_to_rounding
from gradtui.diagnosis.rules.self_normalised import divided_by_itself
from gradtui.diagnosis.rules.stale_copy import stale_copy
from gradtui.diagnosis.rules.steps_in_vain import steps_in_vain
from gradtui.diagnosis.rules.straight_through import inverted_straight_through
from gradtui.diagnosis.rules.undone import undone
from gradtui.diagnosis.rules.unexplained import unexplained
from gradtui.diagnosis.rules.unregistered_parameter import unregistered
from gradtui.diagnosis.rules.unused import never_used
from gradtui.diagnosis.rules.unwatched_nan import unwatched_nan
from gradtui.diagnosis.rules.without_backward import derived_in_vain, never_at_all, never_backward
from gradtui.diagnosis.rules.wrong_network import wrong_network
from gradtui.diagnosis.rules.zero_or_nan import dead_values
from gradtui.diagnosis.rules.zero_product import product_of_zeros
from gradtui.diagnosis.run import Run
from gradtui.model.findings import Confidence, Finding, Rule, Severity
from gradtui.model.snapshot import Snapshot

RULES: tuple[Callable[[Run], Iterable[Finding]], ...] = (
    exception,
    stale_saves,
    freed_graph_ahead,
    untracked_ahead,
    fresh_leaf_loss,
    cleared_before_step,
    wrong_network,
    replaced,
    of_another,
    parameters_swapped,
    overwritten,
    left_in_eval_mode,
    cut_off,
    derived_in_vain,
    never_backward,
    never_at_all,
    left_out_of_inputs,
    nan_in_forward,
    compared_with_itself,
    dead_values,
    cancelled,
    divided_by_itself,
    cancelled_to_rounding,
    clipped_to_zero,
    proved_by_held_backward,
    sure_zeros_ahead,
    unwatched_nan,
    frozen_along,
    frozen_after_all,
    frozen,
    steps_without_parameters,
    leaf_replaced,
    lost_update,
    stale_copy,
    undone,
    put_back,
    plain_numbers,
    leaf_terms,
    used_as_number,
    discarded_result,
    never_used,
    unregistered,
    never_parameters,
    product_of_zeros,
    constant_weights,
    hidden_leaf,
    parameter_per_step,
    forgotten,
    emptied,
    used_up,
    idle,
    set_back,
    rate_run_out,
    never_steps,
    steps_in_vain,
    copied_onto_itself,
    dead_terms,
    inverted_straight_through,
    flat_inputs,
    last_round_alone,
    grad_never_used,
    never_cleared,
    second_derivative_without_graph,
    residual_without_graph,
    gradient_as_term,
    freezes_nothing,
    compares_a_flag,
    backward_of_a_module,
    broadcast_target,
    broadcast_weight,
    intended_cuts,
)
"""In the order in which they are believed where several explain the same parameter."""

OF_NOW = (exception, stale_saves, freed_graph_ahead, untracked_ahead)
"""What these find is of the last backward, and not of the first."""

SEVERITIES = (Severity.ERROR, Severity.WARNING, Severity.NOTE)


def diagnose(
    snapshots: Sequence[Snapshot], mute: Collection[str] = (), faults: list[str] | None = None
) -> tuple[Finding, ...]:
    """What is wrong with a run, worst and likeliest first, from all its snapshots so far.

    A rule that fails raises; where `faults` is given, a sentence about it is put there instead, and the
    other rules go on. Nothing is concluded from snapshots that are brief: what they lack may have been.
    """
    snapshots = [snapshot for snapshot in snapshots if not snapshot.brief]
    if not snapshots:
        return ()
    run = Run(snapshots)
    results = {rule: list(_tried(rule, run, faults)) for rule in RULES}
    fresh = list(_each_once(results.values()))
    fresh += _tried(lambda run: unexplained(run, fresh), run, faults)
    now = {_place(finding) for rule in OF_NOW for finding in results[rule]}
    return tuple(
        # Only once they are ranked: that they began late mustn't put them behind others.
        replace(finding, stop=run.backwards) if finding.count == 1 and _place(finding) in now else finding
        for finding in _told_once(ranked(fresh, mute))
    )


def ranked(findings: Iterable[Finding], mute: Collection[str] = ()) -> tuple[Finding, ...]:
    """Findings that aren't muted, the same one once, worst and likeliest first."""
    return tuple(sorted((one for one in merged(findings) if not muted(one, mute)), key=_rank))


def _tried(rule: Callable[[Run], Iterable[Finding]], run: Run, faults: list[str] | None) -> Iterable[Finding]:
    try:
        return list(rule(run))
    except Exception as error:
        if faults is None:
            raise
        faults.append(
            f"The rule {rule.__name__} failed, and what it would have found is missing: this is a fault of "
            f"gradtui's ({type(error).__name__}: {error})."
        )
        return ()


def _each_once(results: Iterable[Iterable[Finding]]) -> Iterator[Finding]:
    """Findings, but for those about parameters that a rule before has explained already."""
    explained: set[int] = set()
    for result in results:
        fresh = list(result)
        for finding in fresh:
            if (
                finding.severity is not Severity.ERROR
                or not finding.tensors
                or not set(finding.tensors) <= explained
            ):
                yield finding
        for finding in fresh:
            if finding.severity is Severity.ERROR:
                explained.update(finding.tensors)


def _told_once(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Errors, but for those that say the same of the same parameters at another place: what one place cuts
    off is computed at many, of which some traces don't show more."""
    told: dict[tuple[Rule, int], list[set[int]]] = {}
    """By rule and tensor, what was told of it and of others."""
    for finding in findings:
        tensors = set(finding.tensors)
        if finding.severity is Severity.ERROR and tensors:
            if any(tensors <= before for before in told.get((finding.rule, finding.tensors[0]), ())):
                continue
            for tensor in tensors:
                told.setdefault((finding.rule, tensor), []).append(tensors)
        yield finding


def merged(findings: Iterable[Finding]) -> list[Finding]:
    """The same rule at the same place is one finding, with a count."""
    found: dict[tuple[Rule, str, int, int], Finding] = {}
    for finding in findings:
        key = _place(finding)
        before = found.get(key)
        found[key] = finding if before is None else _joined(before, finding)
    return list(found.values())


def _place(finding: Finding) -> tuple[Rule, str, int, int]:
    return finding.rule, finding.file, finding.line, finding.column


def _joined(one: Finding, other: Finding) -> Finding:
    if Severity.NOTE in (one.severity, other.severity) and one.severity is not other.severity:
        return one if other.severity is Severity.NOTE else other
    worse = min(one, other, key=lambda finding: SEVERITIES.index(finding.severity))
    # What is said of no tensor is said of a term of the loss: that is no parameter beside others.
    named = [each for each in (one, other) if each.tensors] or [one, other]
    affected = tuple(dict.fromkeys(name for each in named for name in each.affected))
    tensors = tuple(dict.fromkeys([*one.tensors, *other.tensors]))
    return replace(
        worse,
        affected=affected,
        tensors=tensors,
        count=max(one.count, other.count),
        stop=min(one.stop, other.stop),
        confidence=min(one.confidence, other.confidence, key=list(Confidence).index),
    )


def _rank(finding: Finding) -> tuple[int, bool, bool, int, int]:
    """Errors first, then what is proved, what has a rule of its own, began first, and affects most."""
    return (
        SEVERITIES.index(finding.severity),
        finding.confidence is not Confidence.EXACT,
        finding.rule is Rule.OTHER,
        finding.stop,
        -len(finding.affected),
    )
