"""The filters of the tree, and which rows each of them keeps at the moment that is shown."""

from __future__ import annotations

from array import array
from enum import StrEnum

from gradtui.diagnosis.outline import row_filters
from gradtui.model.gradients import GradHealth
from gradtui.tui.passage import Passage
from gradtui.tui.view import View


class Filter(StrEnum):
    NOTHING = "everything"
    CUT = "cut off"
    PARAMETERS = "parameters"
    MODULE = "this module"
    SICK = "NaN or zero"
    """Nodes that were handed, or sent, gradients that are not finite or all zero."""


FILTERS = tuple(Filter)
"""In the order in which one key goes through them."""


def sifted(chosen: Filter, view: View, row: int, passage: Passage, *, glue: bool) -> array[int] | None:
    """The rows that a filter keeps, in rising order; None where it keeps all of them."""
    match chosen:
        case Filter.CUT:
            return row_filters.severed(view.rows)
        case Filter.PARAMETERS:
            return row_filters.leaves(view.rows)
        case Filter.MODULE:
            rows = row_filters.inside(view.rows, view.groups, row)
            return rows if len(rows) < len(view.rows) else rows[:0]
        case Filter.SICK:
            sick = {
                item.node
                for item in passage.passed
                for grad in (*item.received, *item.sent)
                if grad is not None and grad.health is not GradHealth.FINE
            }
            return row_filters.of_nodes(view.rows, sick)
    return None if glue else row_filters.without_glue(view.rows, view.snapshot)
